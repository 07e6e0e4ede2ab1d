using Mlops.Contracts.Spec;

namespace Mlops.Contracts;

/// <summary>What a training was made of and what it took, kept with it. Whoever trains again can say by it why something differs.</summary>
public sealed record TrainingDetails
{
    /// <summary>The architecture with all its settings: the spec's, or the one that was picked.</summary>
    public required ModelSpec Model { get; init; }

    /// <summary>What it was picked from, in the order in which it was tried; empty where the spec gave the architecture.</summary>
    public required IReadOnlyList<ModelCandidate> Candidates { get; init; }

    /// <summary>What a person should know about the data or the training, in words; mostly empty.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>What it ran on.</summary>
    public required TrainingEnvironment Environment { get; init; }

    /// <summary>Rows that it was trained on; of a model that was refitted, validation rows among them.</summary>
    public required long TrainRows { get; init; }

    /// <summary>Rows of the first fit, whose best epoch validation rows told; null where the model was not refitted.</summary>
    public long? FirstFitRows { get; init; }

    /// <summary>Rows a step: the spec's, or half of them where a device's memory was too small; null of boosted trees.</summary>
    public int? BatchSize { get; init; }

    /// <summary>Seconds that its epochs took, validation among them, over all attempts; without those of other candidates.</summary>
    public required double Seconds { get; init; }

    /// <summary>Training rows a second over all epochs; where there were two fits, about.</summary>
    public double RowsPerSecond => Seconds > 0 ? TrainRows * (long)Epochs / Seconds : 0;

    /// <summary>Epochs that ran, a refit's among them; of boosted trees, rounds.</summary>
    public required int Epochs { get; init; }
}

/// <summary>An architecture that was tried, and what came of it.</summary>
/// <param name="Model">With all its settings.</param>
/// <param name="Epoch">Its best epoch; null where it has none.</param>
/// <param name="ValidationLoss">After that epoch; null where there is none.</param>
/// <param name="WhyNot">Why it was not trained to its end; null where it was.</param>
public sealed record ModelCandidate(ModelSpec Model, int? Epoch, double? ValidationLoss, string? WhyNot);
