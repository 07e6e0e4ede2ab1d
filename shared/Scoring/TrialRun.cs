using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Contracts;

namespace Mlops.Scoring;

/// <summary>Runs a model once, on the processor, on inputs that are made from what it declares: zeros, and empty texts.</summary>
public static class TrialRun
{
    private static readonly Dictionary<TensorElementType, int> Sizes = new()
    {
        [TensorElementType.Bool] = 1,
        [TensorElementType.Int8] = 1,
        [TensorElementType.UInt8] = 1,
        [TensorElementType.Int16] = 2,
        [TensorElementType.UInt16] = 2,
        [TensorElementType.Float16] = 2,
        [TensorElementType.BFloat16] = 2,
        [TensorElementType.Int32] = 4,
        [TensorElementType.UInt32] = 4,
        [TensorElementType.Float] = 4,
        [TensorElementType.Int64] = 8,
        [TensorElementType.UInt64] = 8,
        [TensorElementType.Double] = 8,
    };

    /// <summary>
    /// Loads and runs it. A dimension that varies is 1; where more varies than the number of rows, nobody can say which shapes fit,
    /// and a run that fails is no fault of the model.
    /// </summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <exception cref="Fault">Invalid: it does not load, takes what is no tensor, or does not run.</exception>
    public static void Run(byte[] model)
    {
        using var session = OnnxSessions.Create(model, ExecutionProvider.Cpu).Session;
        var inputs = new Dictionary<string, OrtValue>();
        try
        {
            foreach (var (name, input) in session.InputMetadata)
                inputs.Add(name, Make(name, input));
            using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
            using var results = session.Run(options, inputs, session.OutputNames);
        }
        catch (OnnxRuntimeException failure)
        {
            if (session.InputMetadata.Values.All(input => !input.Dimensions.Skip(1).Contains(-1)))
                throw Fault.Invalid("model", $"it does not run on a row of zeros: {failure.Message}");
        }
        finally
        {
            foreach (var value in inputs.Values)
                value.Dispose();
        }
    }

    private static OrtValue Make(string name, NodeMetadata input)
    {
        if (input.OnnxValueType != OnnxValueType.ONNX_TYPE_TENSOR)
            throw Fault.Invalid("model", $"input '{name}' is no tensor; tensors are accepted");
        long[] shape = [.. input.Dimensions.Select(dimension => dimension < 0 ? 1L : dimension)];
        if (input.ElementDataType == TensorElementType.String)
        {
            var texts = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, shape);
            return texts;
        }

        if (!Sizes.TryGetValue(input.ElementDataType, out var size))
            throw Fault.Invalid("model", $"input '{name}' is a tensor of {input.ElementDataType}, which the protocol has no datatype for");
        var bytes = shape.Aggregate((Int128)size, (product, dimension) => product > int.MaxValue ? product : product * dimension);
        if (bytes > int.MaxValue)
            throw Fault.Invalid("model", $"input '{name}' of shape [{string.Join(", ", shape)}] is larger than any request may be");
        // ONNX Runtime's own memory, zeroed below: what it allocates counts as the model's.
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, input.ElementDataType, shape);
        value.GetTensorMutableRawData().Clear();
        return value;
    }
}
