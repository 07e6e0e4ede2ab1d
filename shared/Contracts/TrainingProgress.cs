using System.Globalization;

namespace Mlops.Contracts;

/// <summary>How far a training is, as it goes on.</summary>
public sealed record TrainingProgress
{
    /// <summary>The newest epoch, from 1; of boosted trees, the round.</summary>
    public required int Epoch { get; init; }

    /// <summary>Epochs at most; early stopping may end it sooner.</summary>
    public required int MostEpochs { get; init; }

    /// <summary>Mean of the spec's loss over the training rows.</summary>
    public required double TrainingLoss { get; init; }

    /// <summary>The same of the validation rows; null where there are none.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of validation rows whose class is right; null for a regression.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Of the newest step.</summary>
    public required double LearningRate { get; init; }

    /// <summary>Training rows a second since it began.</summary>
    public required double RowsPerSecond { get; init; }

    /// <summary>Seconds until the last epoch, if the rest goes as fast.</summary>
    public required double SecondsLeft { get; init; }

    /// <summary>Which of several architectures is being tried; null where there is one.</summary>
    public CandidateTurn? Candidate { get; init; }

    /// <summary>Whether it is the fit to training and validation rows, which goes as far as the best epoch of the one before.</summary>
    public bool IsRefit { get; init; }

    /// <summary>Such as <c>epoch 34 of 100, loss 0.3121, validation loss 0.35, 45,000 rows/s, at most 12 s left</c>.</summary>
    public override string ToString()
    {
        var culture = CultureInfo.InvariantCulture;
        var turn = Candidate is not null ? $"{Candidate}: " : IsRefit ? "refit: " : "";
        var validation = ValidationLoss is { } loss ? string.Create(culture, $", validation loss {loss:0.####}") : "";
        return string.Create(culture, $"{turn}epoch {Epoch} of {MostEpochs}, loss {TrainingLoss:0.####}{validation}, {RowsPerSecond:#,0} rows/s, at most {SecondsLeft:#,0} s left");
    }
}

/// <summary>An architecture that is being tried, among others.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Type">Its name in the spec, such as <c>mlp</c>.</param>
public sealed record CandidateTurn(int Number, int Count, string Type)
{
    /// <summary>Such as <c>mlp (3 of 4)</c>.</summary>
    public override string ToString() => $"{Type} ({Number} of {Count})";
}
