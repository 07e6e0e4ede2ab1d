using Microsoft.ML.OnnxRuntime;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.TorchExport;

// ----
/// <summary>ONNX Runtime as a certificate asks for it.</summary>
internal static class OrtRun
{
    public static IReadOnlyList<TensorProto> Run(byte[] model, IReadOnlyList<TensorProto> inputs)
    {
        using var one = new SessionOptions { IntraOpNumThreads = 1 };
        using var session = new InferenceSession(model, one);
        using var options = new RunOptions();
        var values = inputs.ToDictionary(input => input.Name, ToValue);
        using var outputs = session.Run(options, values, session.OutputNames);
        foreach (var value in values.Values)
            value.Dispose();
        return [.. session.OutputNames.Zip(outputs, (name, value) => Tensors.Of(name, value.GetTensorDataAsSpan<float>(), value.GetTensorTypeAndShape().Shape))];
    }

    private static OrtValue ToValue(TensorProto tensor) => tensor.DataType == (int)DataType.Int64
        ? OrtValue.CreateTensorValueFromMemory(Tensors.Integers(tensor)!, [.. tensor.Dims])
        : OrtValue.CreateTensorValueFromMemory(Tensors.Floats(tensor), [.. tensor.Dims]);
}
// ----
