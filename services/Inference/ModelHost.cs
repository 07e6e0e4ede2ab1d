using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Inference.Wire;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>
/// Serves many models. A version is fetched, verified against its digest, warmed up and then takes its name over from the
/// version before, which drains and is disposed: at no moment is there no version to answer.
/// </summary>
public sealed partial class ModelHost(IOptions<InferenceOptions> options, TimeProvider time, ILogger<ModelHost> logger) : IDisposable
{
    private readonly ConcurrentDictionary<string, ModelSlot> _slots = new();
    private volatile bool _closed;

    /// <summary>Whether every model that has been ordered answers, or has failed to.</summary>
    public bool IsReady => !_closed && _slots.All(slot => !slot.Value.IsComing);

    /// <summary>The names of models and their tensors, for who reads requests.</summary>
    public KnownNames Names { get; } = new();

    /// <summary>How every version stands that loads, serves, drains or was the last of its name to fail.</summary>
    public IReadOnlyList<ModelStatus> Statuses => [.. _slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).SelectMany(slot => slot.Value.Statuses())];

    /// <summary>
    /// Makes a version the current one of its name; nothing happens if it is already. Loads of one name follow one another.
    /// </summary>
    /// <param name="version">What to load.</param>
    /// <param name="source">Fetches the bytes of the ONNX file.</param>
    /// <param name="cancellationToken">Gives the load up; the version before goes on serving.</param>
    /// <returns>The version's state, with the time that it took.</returns>
    /// <exception cref="Fault">It cannot be served; the version before goes on serving, and <see cref="Statuses"/> tells why.</exception>
    public async Task<ModelStatus> LoadAsync(ServedVersion version, Func<CancellationToken, Task<byte[]>> source, CancellationToken cancellationToken = default)
    {
        ModelDigest.Require(version);
        if (_closed)
            throw ModelSlot.ShuttingDown();
        var slot = _slots.GetOrAdd(version.Model, name => new ModelSlot(name));
        await slot.Gate.WaitAsync(cancellationToken);
        try
        {
            return Serves(slot.Current, version) ? slot.Current!.Status : await LoadAsync(slot, version, source, cancellationToken);
        }
        finally
        {
            slot.Gate.Release();
        }
    }

    /// <summary>Lends a model; the request keeps it until it disposes the handle.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="version">Its number, or empty for the current one.</param>
    /// <exception cref="Fault">There is no such model or version, or it is not ready.</exception>
    public ModelHandle Acquire(string name, string version = "")
    {
        var slot = Slot(name);
        return slot.TryTake(version) ?? throw slot.Missing(version);
    }

    /// <summary>Versions that are loaded, those that drain included.</summary>
    /// <param name="name">The model's name, or empty for every model.</param>
    /// <param name="version">Its number, or empty for every version.</param>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public IReadOnlyList<ServedModel> Loaded(string name, string version)
    {
        var slots = name.Length == 0 ? _slots.OrderBy(slot => slot.Key, StringComparer.Ordinal).Select(slot => slot.Value) : [Slot(name)];
        List<ServedModel> found = [.. slots.SelectMany(slot => slot.Loaded()).Where(model => version.Length == 0 || model.Number == version)];
        return found.Count > 0 || name.Length == 0 ? found : throw Slot(name).Missing(version);
    }

    /// <summary>Whether a known model answers now.</summary>
    /// <exception cref="Fault">There is no such model or version.</exception>
    public bool Answers(string name, string version = "")
    {
        var slot = Slot(name);
        return (slot.Find(version) ?? throw slot.Missing(version)).Status.State == ModelState.Ready;
    }

    /// <summary>Takes no more requests; each model is disposed when the requests that hold it are done.</summary>
    public void Dispose()
    {
        _closed = true;
        foreach (var slot in _slots.Values)
            slot.Dispose();
    }

    private static bool Serves(ServedModel? current, ServedVersion version) =>
        current is { Version: var served } && served.Version == version.Version && served.ModelVersionId == version.ModelVersionId;

    private static OnnxModel Verified(ServedVersion version, byte[] bytes)
    {
        ModelDigest.Verify(version, bytes);
        var model = OnnxModel.Load(bytes);
        if (model.TryMadeRow(out var reason))
            return model;
        model.Dispose();
        throw Fault.Invalid("", $"the model cannot run a row of zeros: {reason}");
    }

    private ModelSlot Slot(string name) =>
        _slots.TryGetValue(name, out var slot) ? slot : throw Fault.NotFound("model_name", $"there is no model '{name}'");

    private async Task<ModelStatus> LoadAsync(ModelSlot slot, ServedVersion version, Func<CancellationToken, Task<byte[]>> source, CancellationToken cancellationToken)
    {
        var served = slot.Begin(version, time);
        OnnxModel? model = null;
        try
        {
            var bytes = await source(cancellationToken);
            model = await Task.Run(() => Verified(version, bytes), cancellationToken);
            Names.Add([version.Model, version.Number, .. model.Inputs.Concat(model.Outputs).Select(tensor => tensor.Name)]);
            slot.Swap(served, model, options.Value.BatchingOf(version.Model));
        }
        // Whatever it was, the version must not be left loading: say so, and let the caller have it.
        catch (Exception failure)
        {
            model?.Dispose();
            served.Fail(failure is Fault or OperationCanceledException ? failure.Message : $"its bytes could not be read ({failure.GetType().Name})");
            LogFailed(failure, version.Model, version.Version);
            throw;
        }

        LogReady(version.Model, version.Version, version.Digest, OnnxSessions.Provider, served.Status.LoadTime.TotalMilliseconds);
        if (model.WhyRunsAreNotShared is { } why)
            LogAlone(version.Model, version.Version, why);
        return served.Status;
    }

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} ({Digest}) serves on {Provider} after {Milliseconds:F0} ms.")]
    private partial void LogReady(string model, int version, string digest, string provider, double milliseconds);

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} runs each request alone: {Reason}.")]
    private partial void LogAlone(string model, int version, string reason);

    [LoggerMessage(LogLevel.Error, "{Model} version {Version} could not be loaded.")]
    private partial void LogFailed(Exception failure, string model, int version);
}
