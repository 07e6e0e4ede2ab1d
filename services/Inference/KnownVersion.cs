using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>
/// A version that may be asked for. It is loaded when it is ordered; it may have to leave memory to make room for another, and
/// the next request that asks for it brings it back.
/// </summary>
internal sealed class KnownVersion(ServedVersion version, ModelSource source, ModelLoader loader, ModelMemory memory, TimeProvider time)
{
    /// <summary>How long a load that failed is not tried again for a request.</summary>
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private volatile bool _isDismissed;
    private volatile ServedModel? _loaded;
    private volatile ServedModel _latest = new(version, time);
    private Task<ServedModel>? _loading;
    private volatile bool _hasServed;
    private long _failedAt;

    public ServedVersion Version => version;

    /// <summary>Its life that goes on, or was the last.</summary>
    public ServedModel Latest => _latest;

    /// <summary>Whether it answers whoever asks, if need be after it has been loaded again.</summary>
    public bool Answers => _hasServed && _latest.Status.State != ModelState.Failed;

    /// <summary>What it takes and gives, once it has been loaded: as <see cref="OnnxModel.Signature"/>.</summary>
    public string? Signature { get; private set; }

    /// <summary>When it was last asked, as <see cref="ServedModel.LastUsed"/>.</summary>
    public long LastUsed => _latest.LastUsed;

    /// <summary>How it stands.</summary>
    public ModelStatus Status => _latest.Status is { State: ModelState.Unloaded } away
        ? away with { Reason = "not in memory, to make room for others; a request for it loads it" }
        : _latest.Status;

    /// <summary>A handle, if it is in memory.</summary>
    public ModelHandle? TryTake()
    {
        // One that can no longer be taken has left, or been loaded anew, since it was read: look again.
        while (_loaded is { } loaded)
        {
            if (loaded.TryTake())
                return new ModelHandle(loaded);
        }

        return null;
    }

    /// <summary>A handle, for which a version that had to leave memory is loaded again.</summary>
    /// <param name="cancellationToken">Ends the wait, not the load, for which others may wait.</param>
    /// <returns>Null once it has been dismissed.</returns>
    /// <exception cref="Fault">It has never served yet, or cannot be loaded again.</exception>
    public async Task<ModelHandle?> TakeAsync(CancellationToken cancellationToken)
    {
        while (!_isDismissed)
        {
            if (TryTake() is { } handle)
                return handle;
            if (!MayLoad())
                throw Missing();
            try
            {
                await LoadAsync().WaitAsync(cancellationToken);
            }
            // Whatever it was, it stands in the log and in the status; the caller need only know that it may come back.
            catch (Exception) when (!cancellationToken.IsCancellationRequested && !_isDismissed)
            {
                throw Missing();
            }
        }

        return null;
    }

    /// <summary>Loads it unless it is in memory; whoever asks while it loads waits for the same load.</summary>
    public Task<ServedModel> LoadAsync()
    {
        lock (_lock)
        {
            if (_loaded is { } loaded)
                return Task.FromResult(loaded);
            if (_loading is not null)
                return _loading;
            if (_latest.Status.State != ModelState.Loading)
                _latest = new ServedModel(version, time);
            return _loading = Task.Run(() => LoadAsync(_latest));
        }
    }

    /// <summary>Makes room; whoever holds it keeps it until he is done.</summary>
    /// <returns>Done when its memory is free.</returns>
    public Task LeaveMemoryAsync()
    {
        lock (_lock)
        {
            memory.Remove(this);
            if (_loaded is not { } leaving)
                return Task.CompletedTask;
            _loaded = null;
            leaving.Drain();
            return leaving.Gone;
        }
    }

    /// <summary>It is no longer to be served.</summary>
    public void Dismiss()
    {
        lock (_lock)
            _isDismissed = true;
        _ = LeaveMemoryAsync();
    }

    private Fault Missing() => new(FaultKind.Unavailable, "model_version",
        $"version {version.Number} of model '{version.Model}' {(Status.State == ModelState.Failed ? "could not be loaded" : "is still loading")}");

    private bool MayLoad() => Status.State == ModelState.Failed ? time.GetElapsedTime(Volatile.Read(ref _failedAt)) >= RetryAfter : _hasServed;

    private async Task<ServedModel> LoadAsync(ServedModel life)
    {
        try
        {
            await loader.LoadAsync(life, source);
            lock (_lock)
            {
                _loading = null;
                if (_isDismissed)
                {
                    life.Drain();
                    throw ModelSlot.ShuttingDown();
                }

                Signature = life.Model.Signature;
                (_loaded, _hasServed) = (life, true);
                memory.Add(this);
            }

            return life;
        }
        catch
        {
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            lock (_lock)
                _loading = null;
            throw;
        }
    }
}
