using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Training.Checkpoints;

namespace Mlops.Trainer;

/// <summary>
/// Keeps the newest checkpoint of a training as an artifact that its work row names, and finds it again when the work is
/// taken another time. The one before is removed: nothing refers to it any more.
/// </summary>
internal sealed partial class TrainingCheckpoints(WorkContext work, IArtifactStore artifacts, ILogger logger)
{
    private string? _kept = work.Item.Checkpoint;

    /// <summary>Where an attempt before this one got to; null where there was none, or where it cannot be read any more.</summary>
    public async Task<TrainingCheckpoint?> FindAsync(CancellationToken cancellationToken)
    {
        if (_kept is null)
            return null;
        try
        {
            return TrainingCheckpoint.Read(await artifacts.ReadAsync(ContentDigest.Parse(_kept), cancellationToken));
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Corrupt or FaultKind.NotFound or FaultKind.Conflict)
        {
            LogNotUsable(work.Item.Id, fault.Message);
            return null;
        }
    }

    /// <summary>Stores a checkpoint and notes it, with what belongs to it, as the one to go on from.</summary>
    public async Task KeepAsync(TrainingCheckpoint checkpoint, Func<RegistryDbContext, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        var stored = (await artifacts.PutAsync(checkpoint.Content, cancellationToken)).Digest.ToString();
        await work.CheckpointAsync(stored, write, cancellationToken);
        await RemoveAsync(except: stored);
        _kept = stored;
    }

    /// <summary>Removes the checkpoint of a training that is done.</summary>
    public Task RemoveAsync() => RemoveAsync(except: null);

    private async Task RemoveAsync(string? except)
    {
        if (_kept is { } kept && kept != except)
            await artifacts.DeleteAsync(ContentDigest.Parse(kept), CancellationToken.None);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the checkpoint of {WorkId} cannot be used, so the training begins anew: {Reason}")]
    private partial void LogNotUsable(Guid workId, string reason);
}
