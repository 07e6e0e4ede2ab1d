using Mlops.Contracts;

namespace Mlops.Training;

/// <summary>What one pass over the training rows came to.</summary>
public sealed record EpochReport
{
    /// <summary>1, 2, 3 …</summary>
    public required int Epoch { get; init; }

    /// <summary>
    /// Mean of the spec's loss over the training rows as the epoch went over them, each batch before its step; of a regression's
    /// targets as they are learned (standardised unless the spec says otherwise). Without L1 and L2 penalties.
    /// For boosted trees an epoch is a round, and this is of all training rows after it.
    /// </summary>
    public required double TrainingLoss { get; init; }

    /// <summary>The same of the validation rows after the epoch, without dropout; null where there are none.</summary>
    public double? ValidationLoss { get; init; }

    /// <summary>Share of validation rows whose class is right after the epoch; null for a regression.</summary>
    public double? ValidationAccuracy { get; init; }

    /// <summary>Of its last step.</summary>
    public double LearningRate { get; init; }

    /// <summary>Epochs that the training has at most.</summary>
    public int MostEpochs { get; init; }

    /// <summary>Since training began.</summary>
    public required TimeSpan Elapsed { get; init; }

    /// <summary>Whether it is of the fit to training and validation rows, which goes as far as the best epoch of the one before.</summary>
    public bool IsRefit { get; init; }

    /// <summary>The architecture that is being tried, while one is picked; null of the model that is kept.</summary>
    public CandidateTurn? Candidate { get; init; }
}
