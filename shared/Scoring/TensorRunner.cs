using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Scoring;

/// <summary>Runs models on tensors of the ONNX format, as a parity certificate asks for it. The last model stays loaded. Not safe for use by several threads at once.</summary>
public sealed class TensorRunner : IDisposable
{
    private byte[] _model = [];
    private InferenceSession? _session;

    /// <summary>What runs the models, with its version.</summary>
    public static string Runtime => $"ONNX Runtime {OrtEnv.Instance().GetVersionString()}";

    /// <summary>The model's outputs of 32-bit floats.</summary>
    /// <param name="model">The bytes of an ONNX file.</param>
    /// <param name="inputs">A tensor of 32-bit floats, 64-bit integers or texts for each input, with its name.</param>
    /// <exception cref="Fault">Invalid: ONNX Runtime does not load the model, or cannot run it on these inputs.</exception>
    public IReadOnlyList<TensorProto> Run(byte[] model, IReadOnlyList<TensorProto> inputs)
    {
        var session = Load(model);
        string[] outputs = [.. session.OutputNames.Where(name => session.OutputMetadata[name].ElementDataType == TensorElementType.Float)];
        var values = inputs.ToDictionary(input => input.Name, ToValue, StringComparer.Ordinal);
        try
        {
            using var options = new RunOptions();
            using var results = session.Run(options, values, outputs);
            return [.. outputs.Zip(results, (name, value) => Tensors.Of(name, value.GetTensorDataAsSpan<float>(), value.GetTensorTypeAndShape().Shape))];
        }
        catch (OnnxRuntimeException failure)
        {
            throw Fault.Invalid("model", $"cannot run on these inputs: {failure.Message}");
        }
        finally
        {
            foreach (var value in values.Values)
                value.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _session?.Dispose();

    private InferenceSession Load(byte[] model)
    {
        if (_session is not null && ReferenceEquals(_model, model))
            return _session;
        _session?.Dispose();
        _session = null;
        (_session, _model) = (OnnxSessions.Create(model).Session, model);
        return _session;
    }

    private static OrtValue ToValue(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float => OrtValue.CreateTensorValueFromMemory(Tensors.Floats(tensor), [.. tensor.Dims]),
        DataType.Int64 when Tensors.Integers(tensor) is { } integers => OrtValue.CreateTensorValueFromMemory(integers, [.. tensor.Dims]),
        DataType.String => Texts(tensor),
        var type => throw Fault.Invalid(tensor.Name, $"a tensor of {type}; Float, Int64 and String are accepted"),
    };

    private static OrtValue Texts(TensorProto tensor)
    {
        var value = OrtValue.CreateTensorWithEmptyStrings(OrtAllocator.DefaultInstance, [.. tensor.Dims]);
        for (var i = 0; i < tensor.StringData.Count; i++)
            value.StringTensorSetElementAt(tensor.StringData[i].ToStringUtf8(), i);
        return value;
    }
}
