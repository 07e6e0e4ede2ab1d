using Mlops.Contracts;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx;

/// <summary>What a graph takes and gives, in the terms of the Open Inference Protocol.</summary>
/// <param name="Inputs">In the order of the graph; constants that stand among its inputs are left out.</param>
/// <param name="Outputs">In the order of the graph.</param>
public sealed record GraphSignature(IReadOnlyList<TensorSignature> Inputs, IReadOnlyList<TensorSignature> Outputs)
{
    /// <summary>The signature of an ONNX file whose graph <see cref="GraphChecker"/> passes.</summary>
    /// <exception cref="Fault">Invalid: it is no such file, or an input or output is no tensor of a datatype that the protocol has; it lists everything that is wrong.</exception>
    public static GraphSignature Read(ReadOnlySpan<byte> file)
    {
        var model = OnnxFile.Parse(file);
        GraphChecker.Check(model);
        return Of(model);
    }

    /// <summary>The signature of a model whose graph <see cref="GraphChecker"/> passes.</summary>
    /// <inheritdoc cref="Read"/>
    public static GraphSignature Of(ModelProto model)
    {
        var problems = new List<Problem>();
        var constants = model.Graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        var signature = new GraphSignature(
            [.. model.Graph.Input.Where(input => !constants.Contains(input.Name)).Select(input => TensorOf(input, problems))],
            [.. model.Graph.Output.Select(output => TensorOf(output, problems))]);
        return problems.Count == 0 ? signature : throw new Fault(FaultKind.Invalid, problems);
    }

    private static TensorSignature TensorOf(ValueInfoProto value, List<Problem> problems)
    {
        if (value.Type?.TensorType is not { } tensor)
            problems.Add(new Problem($"graph.{value.Name}", "no tensor; tensors are accepted (a converter may have wrapped probabilities into maps: skl2onnx does not with zipmap=False)"));
        else if (DatatypeOf(tensor.ElemType) is null)
            problems.Add(new Problem($"graph.{value.Name}", $"a tensor of {(DataType)tensor.ElemType}, which the protocol has no datatype for"));
        return new TensorSignature
        {
            Name = value.Name,
            Datatype = DatatypeOf(value.Type?.TensorType?.ElemType ?? 0) ?? "",
            Shape = [.. value.Type?.TensorType?.Shape?.Dim.Select(dimension => dimension.HasDimValue && dimension.DimValue >= 0 ? dimension.DimValue : -1) ?? []],
        };
    }

    private static string? DatatypeOf(int type) => (DataType)type switch
    {
        DataType.Float => "FP32",
        DataType.Double => "FP64",
        DataType.Float16 => "FP16",
        DataType.Bfloat16 => "BF16",
        DataType.Bool => "BOOL",
        DataType.String => "BYTES",
        DataType.Int8 or DataType.Int16 or DataType.Int32 or DataType.Int64 or DataType.Uint8 or DataType.Uint16 or DataType.Uint32 or DataType.Uint64
            => $"{(DataType)type}".ToUpperInvariant(),
        _ => null,
    };
}
