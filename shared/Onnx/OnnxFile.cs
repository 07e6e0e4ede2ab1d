using Google.Protobuf;
using Mlops.Contracts;
using Mlops.Onnx.Format;

namespace Mlops.Onnx;

/// <summary>Reads and writes ONNX files.</summary>
public static class OnnxFile
{
    /// <summary>The model that the bytes of a file stand for. What it computes is <see cref="GraphChecker"/>'s concern.</summary>
    /// <exception cref="Fault">The bytes are no ONNX model.</exception>
    public static ModelProto Parse(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
            throw Fault.Invalid("model", "the file is empty; an ONNX model is accepted");
        ModelProto model;
        try
        {
            model = ModelProto.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw Fault.Invalid("model", $"{bytes.Length} bytes that are no protobuf message ({e.Message}); an ONNX model is accepted");
        }
        // Protobuf reads many a stranger's message as one of unknown fields: these three are in every model.
        if (model is { IrVersion: > 0, Graph: not null, OpsetImport.Count: > 0 })
            return model;
        string[] missing = [.. Missing(model)];
        throw Fault.Invalid("model", $"a protobuf message without {string.Join(", ", missing)}; an ONNX model is accepted");
    }

    /// <summary>The bytes of the model's file; equal models give equal bytes.</summary>
    public static byte[] Write(ModelProto model)
    {
        var bytes = new byte[model.CalculateSize()];
        using var output = new CodedOutputStream(bytes) { Deterministic = true };
        model.WriteTo(output);
        output.CheckNoSpaceLeft();
        return bytes;
    }

    private static IEnumerable<string> Missing(ModelProto model)
    {
        if (model.IrVersion <= 0)
            yield return "an IR version";
        if (model.Graph is null)
            yield return "a graph";
        if (model.OpsetImport.Count == 0)
            yield return "an operator set";
    }
}
