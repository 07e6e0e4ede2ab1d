using System.Diagnostics;
using Mlops.Inference.Rollouts;

namespace Mlops.Inference;

/// <summary>
/// One version in its life. Whoever uses its model holds a handle; the host holds one too, from ready until drain, and the
/// model is disposed by whoever returns the last one. So a request that got a handle keeps its model to the end.
/// </summary>
public sealed class ServedModel(ServedVersion version, TimeProvider time)
{
    private readonly long _ordered = time.GetTimestamp();
    private volatile ModelStatus _status = new(version, ModelState.Loading, TimeSpan.Zero, null);
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OnnxModel? _model;
    private Batcher? _batcher;
    private IDisposable? _memory;
    private int _handles;
    private long _lastUsed = Stopwatch.GetTimestamp();

    /// <summary>Which version it is.</summary>
    public ServedVersion Version => version;

    /// <summary>The version's number as the protocol writes it.</summary>
    public string Number { get; } = version.Number;

    /// <summary>How it stands now.</summary>
    public ModelStatus Status => _status;

    /// <summary>The loaded model; only a holder of a handle may use it.</summary>
    public OnnxModel Model => _model ?? throw new InvalidOperationException($"{version.Model} {Number} is {Status.State}.");

    /// <summary>Runs its requests; only a holder of a handle may use it.</summary>
    internal Batcher Batcher => _batcher ?? throw new InvalidOperationException($"{version.Model} {Number} is {Status.State}.");

    /// <summary>What it has done.</summary>
    public ModelStatistics Statistics { get; } = new(time);

    /// <summary>When it was ordered, or last given to a request: a <see cref="Stopwatch.GetTimestamp"/>.</summary>
    internal long LastUsed => Volatile.Read(ref _lastUsed);

    /// <summary>Done when it has been ready, and its memory is free again.</summary>
    internal Task Gone => _gone.Task;

    /// <summary>Loading is done: handles are given from now on.</summary>
    /// <param name="model">What was loaded.</param>
    /// <param name="batching">How its requests share runs.</param>
    /// <param name="memory">Given back with the model.</param>
    internal void BecomeReady(OnnxModel model, BatchingOptions batching, IDisposable memory)
    {
        Step(ModelState.Ready, time.GetElapsedTime(_ordered));
        (_model, _memory) = (model, memory);
        _batcher = Batcher.Of(model, Statistics, batching, time);
        Volatile.Write(ref _handles, 1);
    }

    /// <summary>Loading ended without a model.</summary>
    internal void Fail(string reason) => Step(ModelState.Failed, time.GetElapsedTime(_ordered), reason);

    /// <summary>The host returns its own handle: no new ones are given once those that are out are back.</summary>
    internal void Drain()
    {
        Step(ModelState.Draining, _status.LoadTime);
        Return();
    }

    /// <summary>Takes a handle, unless the last one has been returned already.</summary>
    internal bool TryTake()
    {
        var handles = Volatile.Read(ref _handles);
        while (handles > 0)
        {
            var seen = Interlocked.CompareExchange(ref _handles, handles + 1, handles);
            if (seen == handles)
            {
                Volatile.Write(ref _lastUsed, Stopwatch.GetTimestamp());
                return true;
            }

            handles = seen;
        }

        return false;
    }

    /// <summary>Returns a handle.</summary>
    internal void Return()
    {
        if (Interlocked.Decrement(ref _handles) > 0)
            return;
        _batcher!.Dispose();
        _model!.Dispose();
        _memory!.Dispose();
        (_batcher, _model) = (null, null);
        Step(ModelState.Unloaded, _status.LoadTime);
        _gone.SetResult();
    }

    private void Step(ModelState to, TimeSpan loadTime, string? reason = null) =>
        _status = new ModelStatus(version, ModelStates.Step(_status.State, to), loadTime, reason);
}

/// <summary>The right to use a version's model until disposed; disposing it twice does no harm.</summary>
public sealed class ModelHandle : IDisposable
{
    private ServedModel? _held;

    internal ModelHandle(ServedModel held) => (_held, Served) = (held, held);

    /// <summary>The version that answers.</summary>
    public ServedModel Served { get; }

    /// <summary>The rollout that this request is a part of, if it is of one.</summary>
    internal Trial? Trial { get; set; }

    /// <summary>Its model.</summary>
    public OnnxModel Model => Served.Model;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _held, null)?.Return();
}
