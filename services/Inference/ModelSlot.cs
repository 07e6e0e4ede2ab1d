using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>Everything that is known under one model's name: the current version, one that loads, those that drain, the last failure.</summary>
internal sealed class ModelSlot(string name) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly List<ServedModel> _models = [];
    private volatile ServedModel? _current;
    private bool _closed;

    public static Fault ShuttingDown() => new(FaultKind.Unavailable, "", "the server is shutting down");

    /// <summary>One load at a time: the last order wins because it comes last.</summary>
    public SemaphoreSlim Gate { get; } = new(1);

    public ServedModel? Current => _current;

    /// <summary>Whether requests must wait for the name's first version.</summary>
    public bool IsComing => _current is null && Find("")?.Status.State == ModelState.Loading;

    /// <summary>A new version begins to load.</summary>
    public ServedModel Begin(ServedVersion version, TimeProvider time)
    {
        var model = new ServedModel(version, time);
        lock (_lock)
        {
            _models.RemoveAll(known => known.Status.State is ModelState.Failed or ModelState.Unloaded);
            _models.Add(model);
        }

        return model;
    }

    /// <summary>New before old: requests get the new version before the old one begins to drain.</summary>
    public void Swap(ServedModel model, OnnxModel loaded, BatchingOptions batching)
    {
        ServedModel? old;
        lock (_lock)
        {
            if (_closed)
                throw ShuttingDown();
            model.BecomeReady(loaded, batching);
            old = _current;
            _current = model;
        }

        old?.Drain();
    }

    public void Dispose()
    {
        ServedModel? last;
        lock (_lock)
        {
            _closed = true;
            last = _current;
            _current = null;
        }

        last?.Drain();
    }

    /// <summary>A handle of the current version if it is the one asked for; empty asks for whichever is current.</summary>
    public ModelHandle? TryTake(string version)
    {
        // A version that can no longer be taken has been replaced since it was read: look again.
        while (_current is { } current && (version.Length == 0 || version == current.Number))
        {
            if (current.TryTake())
                return new ModelHandle(current);
        }

        return null;
    }

    /// <summary>What is known of the version asked for: ready, loading or failed; null when there is nothing.</summary>
    public ServedModel? Find(string version)
    {
        if (_current is { } current && (version.Length == 0 || version == current.Number))
            return current;
        lock (_lock)
            return _models.FindLast(model => (version.Length == 0 || version == model.Number) && model.Status.State is ModelState.Loading or ModelState.Failed);
    }

    public Fault Missing(string version)
    {
        if (_closed)
            return ShuttingDown();
        return Find(version)?.Status switch
        {
            null => Fault.NotFound("model_version", $"model '{name}' has no version '{version}' loaded; loaded: {_current?.Number ?? "none"}"),
            { State: ModelState.Failed } failed => new Fault(FaultKind.Unavailable, "model_version", $"version {failed.Version.Number} of model '{name}' could not be loaded"),
            var coming => new Fault(FaultKind.Unavailable, "model_version", $"version {coming.Version.Number} of model '{name}' is still loading"),
        };
    }

    public IReadOnlyList<ServedModel> Loaded()
    {
        lock (_lock)
            return [.. _models.Where(model => model.Status.State is ModelState.Ready or ModelState.Draining)];
    }

    public IReadOnlyList<ModelStatus> Statuses()
    {
        lock (_lock)
            return [.. _models.Select(model => model.Status).Where(status => status.State != ModelState.Unloaded)];
    }
}
