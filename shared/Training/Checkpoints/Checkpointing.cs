namespace Mlops.Training.Checkpoints;

/// <summary>Whether a training tells of checkpoints while it runs, and where it goes on from.</summary>
/// <remarks>
/// On one kind of processor, a training that was resumed from any of its checkpoints ends with the bits of one that was never
/// interrupted. Preprocessing is not in a checkpoint: it is fitted again, to the same rows and so to the same numbers.
/// A network whose checkpoint would be larger than 1 GiB has none.
/// </remarks>
public sealed record Checkpointing
{
    /// <summary>
    /// Takes a checkpoint, on the training's thread and between two epochs, after the reports of all epochs up to it.
    /// The time that it takes counts as the checkpoint's. What it throws ends the training.
    /// </summary>
    public required Action<TrainingCheckpoint> Save { get; init; }

    /// <summary>Where to go on; null to begin. Only the epochs after it are reported.</summary>
    public TrainingCheckpoint? ResumeFrom { get; init; }

    /// <summary>From the training's begin or from one checkpoint to the next, at least.</summary>
    public TimeSpan MinimumInterval { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>The share of the training's time that checkpoints may take, above 0; from 1 on, all there is.</summary>
    public double Share { get; init; } = 0.02;
}
