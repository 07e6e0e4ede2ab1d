using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Inference.Rollouts;
using Mlops.Inference.Wire;

namespace Mlops.Inference;

/// <summary>
/// Serves many models, and several versions of each. A version is fetched, verified against its digest, warmed up and then takes
/// its name over from the version before, which drains and is disposed: at no moment is there no version to answer.
/// </summary>
public sealed class ModelHost : IDisposable
{
    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly ModelMemory _memory;
    private readonly ModelLoader _loader;
    private readonly InferenceOptions _options;
    private readonly TimeProvider _time;
    private volatile bool _isLeaving;
    private bool _closed;

    /// <param name="options">How many may be in memory, and how their requests share runs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told what was loaded, and what could not be.</param>
    public ModelHost(IOptions<InferenceOptions> options, TimeProvider time, ILogger<ModelHost> logger)
    {
        (_options, _time) = (options.Value, time);
        _memory = new ModelMemory((long)options.Value.MemoryBudgetMiB << 20);
        _loader = new ModelLoader(options.Value, _memory, Names, logger, _stopping.Token);
    }

    /// <summary>Whether every model that has been ordered answers, or has failed to; not once the end is announced.</summary>
    public bool IsReady => !_isLeaving && !Volatile.Read(ref _closed) && _slots.All(slot => !slot.Value.IsComing);

    /// <summary>The names of models and their tensors, for who reads requests.</summary>
    public KnownNames Names { get; } = new();

    /// <summary>Bytes that the models in memory are counted with.</summary>
    public long MemoryUsed => _memory.Used;

    /// <summary>The rollouts under way, and what is seen of them.</summary>
    public IReadOnlyList<(RolloutRule Rule, TrialCounts Counts)> Trials => [.. _slots.Values.Select(slot => slot.Trial).OfType<Trial>().Select(trial => (trial.Rule, trial.Counts))];

    /// <summary>How every version stands that loads, serves, drains, waits outside memory or could not be loaded.</summary>
    public IReadOnlyList<ModelStatus> Statuses => [.. _slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).SelectMany(slot => slot.Value.Statuses())];

    /// <summary>
    /// Serves what is ordered under a name, and nothing else under it. What is served already stays as it is; where the champion
    /// cannot be loaded, the one before goes on serving, and <see cref="Statuses"/> tells why. Orders for one name follow one another.
    /// </summary>
    /// <param name="order">What to serve.</param>
    /// <param name="source">Fetches the bytes of an ONNX file, now or when it is loaded again.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How each version fared, the champion first.</returns>
    /// <exception cref="Fault">The order names what cannot be a version, or the server is shutting down.</exception>
    public async Task<IReadOnlyList<LoadOutcome>> ServeAsync(ModelOrder order, ModelSource source, CancellationToken cancellationToken = default)
    {
        foreach (var version in order.Versions)
            ModelDigest.Require(version);
        if (Volatile.Read(ref _closed))
            throw ModelSlot.ShuttingDown();
        var slot = _slots.GetOrAdd(order.Model, name => new ModelSlot(name, _options, (version, from) => new KnownVersion(version, from, _loader, _memory, _time)));
        return await slot.ServeAsync(order, source, cancellationToken);
    }

    /// <summary>Lends a model; the request keeps it until it disposes the handle. One that had to leave memory is loaded again first.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">Its number, or empty for the champion.</param>
    /// <param name="key">Requests of one key go to the same version while another is tried; empty leaves it to chance.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="Fault">There is no such model or version, or it is not ready.</exception>
    public ValueTask<ModelHandle> AcquireAsync(string name, string version = "", string key = "", CancellationToken cancellationToken = default)
    {
        var slot = Slot(name);
        return slot.TryTake(version, key) is { } handle ? new ValueTask<ModelHandle>(handle) : new ValueTask<ModelHandle>(slot.TakeAsync(version, cancellationToken));
    }

    /// <summary>Versions that are in memory, those that drain included.</summary>
    /// <param name="name">The model's name, or empty for every model.</param>
    /// <param name="version">Its number, or empty for every version.</param>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public IReadOnlyList<ServedModel> Loaded(string name, string version)
    {
        if (name.Length > 0 && version.Length > 0)
            Slot(name).Find(version);
        var slots = name.Length == 0 ? _slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).Select(slot => slot.Value) : [Slot(name)];
        return [.. slots.SelectMany(slot => slot.Loaded()).Where(model => version.Length == 0 || model.Number == version)];
    }

    /// <summary>Numbers of the versions that may be asked for, in order.</summary>
    /// <exception cref="Fault">There is no such model.</exception>
    public IReadOnlyList<string> Versions(string name) => Slot(name).Numbers();

    /// <summary>The same of those alone that take and give what one of them does: who knows its metadata knows theirs.</summary>
    internal IReadOnlyList<string> VersionsLike(ModelHandle handle) => Slot(handle.Served.Version.Model).NumbersLike(handle.Model);

    /// <summary>Whether a known model answers who asks now.</summary>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public bool Answers(string name, string version = "") => Slot(name).Find(version).Answers;

    /// <summary>From now on others should be asked; who asks is answered all the same.</summary>
    public void AnnounceEnd() => _isLeaving = true;

    /// <summary>Takes no more requests; each model is disposed when the requests that hold it are done.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, true))
            return;
        _stopping.Cancel();
        foreach (var slot in _slots.Values)
            slot.Close();
        _stopping.Dispose();
    }

    private ModelSlot Slot(string name) =>
        _slots.TryGetValue(name, out var slot) ? slot : throw Fault.NotFound("model_name", $"there is no model '{name}'");
}
