using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;

namespace Mlops.Scoring;

/// <summary>The one place that decides how ONNX Runtime runs a model.</summary>
public static class OnnxSessions
{
    /// <summary>Provider name: the CPU.</summary>
    public const string Cpu = "cpu";

    /// <summary>Provider name: a CUDA device.</summary>
    public const string Cuda = "cuda";

    private static readonly Lazy<string> Chosen = new(Choose);

    /// <summary>What sessions run on: <see cref="Cuda"/> where this was built for CUDA and a device answers, else <see cref="Cpu"/>.</summary>
    public static string Provider => Chosen.Value;

    /// <summary>
    /// The settings of every session, on <see cref="Provider"/>; the caller disposes them. Runs use one thread and do not
    /// spin: small models are fastest so, and many share a machine.
    /// </summary>
    public static SessionOptions Options()
    {
        var options = Quiet();
        if (Provider == Cuda)
            options.AppendExecutionProvider_CUDA();
        return options;
    }

    /// <summary>Loads a model.</summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <exception cref="Fault">ONNX Runtime does not load it.</exception>
    public static InferenceSession Create(byte[] model)
    {
        using var options = Options();
        try
        {
            return new InferenceSession(model, options);
        }
        catch (OnnxRuntimeException e)
        {
            throw Fault.Invalid("model", $"ONNX Runtime does not load it: {e.Message}");
        }
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

    private static string Choose()
    {
        if (!OrtEnv.Instance().GetAvailableProviders().Contains("CUDAExecutionProvider"))
            return Cpu;
        try
        {
            // Present in the build is not present in the machine: only adding it tells.
            using var options = Quiet();
            options.AppendExecutionProvider_CUDA();
            return Cuda;
        }
        catch (OnnxRuntimeException)
        {
            return Cpu;
        }
    }
}
