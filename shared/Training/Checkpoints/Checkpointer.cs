using Mlops.Training.Loop;

namespace Mlops.Training.Checkpoints;

/// <summary>Takes a training's checkpoints when they are due.</summary>
/// <param name="checkpointing">Whom to tell, and how often.</param>
/// <param name="originOf">Computes what the checkpoints are of: once, and not before one is due, because it reads all rows.</param>
/// <param name="rowBytes">Of all rows.</param>
/// <param name="time">Measures training and checkpoints.</param>
internal sealed class Checkpointer(Checkpointing checkpointing, Func<CheckpointOrigin> originOf, long rowBytes, TimeProvider time)
{
    private readonly CheckpointPacing _pacing = new(checkpointing.MinimumInterval, checkpointing.Share);
    private readonly Lazy<CheckpointOrigin> _origin = new(originOf);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _last;
    private TimeSpan _spent;
    private TimeSpan? _cost;

    /// <summary>Sets the state to that of the checkpoint to go on from, if there is one.</summary>
    /// <returns>That checkpoint.</returns>
    /// <exception cref="Contracts.Fault">Conflict: it is of another training.</exception>
    public TrainingCheckpoint? Resume(ICheckpointed state)
    {
        if (checkpointing.ResumeFrom is not { } checkpoint)
            return null;
        _origin.Value.Require(checkpoint.Header.Origin);
        state.Restore(checkpoint);
        return checkpoint;
    }

    /// <summary>Takes a checkpoint after an epoch, if one is due.</summary>
    public void Offer(ICheckpointed state, EpochLog log, EpochReport? kept)
    {
        var elapsed = time.GetElapsedTime(_start);
        _cost ??= CheckpointPacing.CostOf(state.Bytes, rowBytes);
        if (_cost is not { } cost || !_pacing.IsDue(elapsed, _last, _spent, cost))
            return;
        log.Read();
        checkpointing.Save(state.Capture(_origin.Value, log.Last!, kept));
        _last = time.GetElapsedTime(_start);
        _cost = _last - elapsed;
        _spent += _cost.Value;
    }
}
