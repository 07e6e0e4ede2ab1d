using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;

namespace Mlops.Scoring;

/// <summary>What runs a model.</summary>
public enum ExecutionProvider
{
    /// <summary>A CUDA device where this build and this machine have one that takes the model, else the processor.</summary>
    Auto,

    /// <summary>The processor.</summary>
    Cpu,

    /// <summary>A CUDA device, and nothing else.</summary>
    Cuda,
}

/// <summary>A model in ONNX Runtime.</summary>
/// <param name="Session">The caller disposes it.</param>
/// <param name="Provider">What runs it: <see cref="ExecutionProvider.Cpu"/> or <see cref="ExecutionProvider.Cuda"/>.</param>
/// <param name="WhyNotCuda">Why it is the processor where a device was looked for; null otherwise.</param>
public sealed record OnnxSession(InferenceSession Session, ExecutionProvider Provider, string? WhyNotCuda);

/// <summary>The one place that decides how ONNX Runtime runs a model.</summary>
public static class OnnxSessions
{
    private static readonly Lazy<string?> NoCuda = new(LookForCuda);

    /// <summary>Why no model can run on CUDA here; null where one can.</summary>
    public static string? WhyNoCuda => NoCuda.Value;

    /// <summary>
    /// Loads a model. Runs use one thread and do not spin: small models are fastest so, and many share a machine.
    /// </summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="wanted">What is to run it.</param>
    /// <exception cref="Fault">Invalid: ONNX Runtime does not load it. Unavailable: there is no such device here.</exception>
    public static OnnxSession Create(byte[] model, ExecutionProvider wanted = ExecutionProvider.Auto)
    {
        var whyNot = wanted == ExecutionProvider.Cpu ? null : WhyNoCuda;
        if (wanted == ExecutionProvider.Cuda && whyNot is not null)
            throw new Fault(FaultKind.Unavailable, "executionProvider", $"cuda was asked for, and {whyNot}; auto falls back to the processor");
        if (wanted != ExecutionProvider.Cpu && whyNot is null)
        {
            try
            {
                return new OnnxSession(Open(model, cuda: true), ExecutionProvider.Cuda, null);
            }
            catch (OnnxRuntimeException failure) when (wanted == ExecutionProvider.Auto)
            {
                // The device may be full, or not know an operator; if the model itself is at fault, the processor says so.
                whyNot = failure.Message;
            }
            catch (OnnxRuntimeException failure)
            {
                throw NotLoaded(failure);
            }
        }

        try
        {
            return new OnnxSession(Open(model, cuda: false), ExecutionProvider.Cpu, whyNot);
        }
        catch (OnnxRuntimeException failure)
        {
            throw NotLoaded(failure);
        }
    }

    private static Fault NotLoaded(OnnxRuntimeException failure) => Fault.Invalid("model", $"ONNX Runtime does not load it: {failure.Message}");

    private static InferenceSession Open(byte[] model, bool cuda)
    {
        using var options = Quiet();
        if (cuda)
            options.AppendExecutionProvider_CUDA();
        return new InferenceSession(model, options);
    }

    private static SessionOptions Quiet()
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = 1,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            // Errors come as exceptions; the runtime's own lines about them would stand in the log twice.
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0");
        options.AddSessionConfigEntry("session.inter_op.allow_spinning", "0");
        return options;
    }

    private static string? LookForCuda()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            return "this build of ONNX Runtime has no CUDA";
        try
        {
            // Present in the build is not present in the machine: only adding it tells.
            using var options = Quiet();
            options.AppendExecutionProvider_CUDA();
            return null;
        }
        catch (OnnxRuntimeException failure)
        {
            return $"no CUDA device answers: {failure.Message}";
        }
    }
}
