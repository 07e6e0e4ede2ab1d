namespace Mlops.Training;

/// <summary>Asks after some epochs whether a training is worth going on with.</summary>
public sealed record Milestones
{
    /// <summary>After which epochs; a training that ends with one of them is not asked about.</summary>
    public required IReadOnlyList<int> Epochs { get; init; }

    /// <summary>
    /// Told of the epoch, and of the one whose weights would be kept if it were the last; false ends the training as its last
    /// epoch does. On the training's thread and between two epochs, before a checkpoint; what it throws ends the training.
    /// </summary>
    public required Func<int, EpochReport, bool> GoesOn { get; init; }
}
