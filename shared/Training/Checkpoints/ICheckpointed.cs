namespace Mlops.Training.Checkpoints;

/// <summary>All that a training changes from epoch to epoch and that decides how it goes on.</summary>
internal interface ICheckpointed
{
    /// <summary>A checkpoint's bytes, about.</summary>
    long Bytes { get; }

    /// <summary>The state as it is.</summary>
    /// <param name="origin">Which training it is.</param>
    /// <param name="last">The last epoch.</param>
    /// <param name="kept">The best epoch; null without early stopping.</param>
    TrainingCheckpoint Capture(CheckpointOrigin origin, EpochReport last, EpochReport? kept);

    /// <summary>Sets everything, while nothing was trained yet, to what it was.</summary>
    void Restore(TrainingCheckpoint checkpoint);
}
