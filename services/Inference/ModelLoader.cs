using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Inference.Wire;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>Brings a version into memory: room is made, its bytes are fetched and verified, and it is warmed up.</summary>
internal sealed partial class ModelLoader(InferenceOptions options, ModelMemory memory, KnownNames names, ILogger logger, CancellationToken stopping)
{
    /// <summary>Measured: ONNX Runtime holds the weights as the file has them, and once more as its kernels want them.</summary>
    private const int MemoryOfFile = 2;

    /// <summary>Loads it; afterwards it is ready, or failed.</summary>
    /// <param name="version">What to load; it is in no other state than loading.</param>
    /// <param name="source">Fetches the bytes of its ONNX file.</param>
    /// <exception cref="Fault">It cannot be served.</exception>
    public async Task LoadAsync(ServedModel version, ModelSource source)
    {
        var known = version.Version;
        ModelMemory.Reservation? reservation = null;
        OnnxModel? model = null;
        try
        {
            reservation = await memory.ReserveAsync(known.Bytes * MemoryOfFile, stopping);
            var bytes = await source(known, stopping);
            model = await Task.Run(() => Verified(known, bytes, options.ExecutionProviderOf(known.Model)), stopping);
            names.Add([known.Model, known.Number, .. model.Inputs.Concat(model.Outputs).Select(tensor => tensor.Name)]);
            version.BecomeReady(model, options.BatchingOf(known.Model), reservation);
        }
        // Whatever it was, the version must not be left loading: say so, and let the caller have it.
        catch (Exception failure)
        {
            model?.Dispose();
            reservation?.Dispose();
            version.Fail(failure is Fault or OperationCanceledException ? failure.Message : $"its bytes could not be read ({failure.GetType().Name})");
            LogFailed(failure, known.Model, known.Version);
            throw;
        }

        LogReady(known.Model, known.Version, known.Digest, SpecJson.NameOf(model.Provider), version.Status.LoadTime.TotalMilliseconds);
        if (model.WhyNotCuda is { } reason)
            LogNotCuda(known.Model, known.Version, reason);
        if (model.WhyRunsAreNotShared is { } why)
            LogAlone(known.Model, known.Version, why);
    }

    private static OnnxModel Verified(ServedVersion version, byte[] bytes, ExecutionProvider wanted)
    {
        ModelDigest.Verify(version, bytes);
        var model = OnnxModel.Load(bytes, wanted);
        if (model.TryMadeRow(out var reason))
            return model;
        model.Dispose();
        throw Fault.Invalid("", $"the model cannot run a row of zeros: {reason}");
    }

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} ({Digest}) serves on {Provider} after {Milliseconds:F0} ms.")]
    private partial void LogReady(string model, int version, string digest, string provider, double milliseconds);

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} runs on the processor: {Reason}.")]
    private partial void LogNotCuda(string model, int version, string reason);

    [LoggerMessage(LogLevel.Information, "{Model} version {Version} runs each request alone: {Reason}.")]
    private partial void LogAlone(string model, int version, string reason);

    [LoggerMessage(LogLevel.Error, "{Model} version {Version} could not be loaded.")]
    private partial void LogFailed(Exception failure, string model, int version);
}

/// <summary>Fetches the bytes of a version's ONNX file.</summary>
public delegate Task<byte[]> ModelSource(ServedVersion version, CancellationToken cancellationToken);
