using Mlops.Onnx;
using static Mlops.Onnx.Format.TensorProto.Types;

namespace Mlops.Fuzz;

/// <summary>A model that gives back what it is given, under a name of its own.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Datatype">A datatype of the protocol.</param>
/// <param name="Shape">What it declares.</param>
/// <param name="Valid">A shape that fits.</param>
internal sealed record FuzzModel(string Name, string Datatype, long[] Shape, long[] Valid)
{
    private static readonly Dictionary<string, DataType> Types = new()
    {
        ["BOOL"] = DataType.Bool,
        ["UINT8"] = DataType.Uint8,
        ["UINT16"] = DataType.Uint16,
        ["UINT32"] = DataType.Uint32,
        ["UINT64"] = DataType.Uint64,
        ["INT8"] = DataType.Int8,
        ["INT16"] = DataType.Int16,
        ["INT32"] = DataType.Int32,
        ["INT64"] = DataType.Int64,
        ["FP16"] = DataType.Float16,
        ["BF16"] = DataType.Bfloat16,
        ["FP32"] = DataType.Float,
        ["FP64"] = DataType.Double,
        ["BYTES"] = DataType.String,
    };

    /// <summary>Every datatype, and the shapes that models declare in different ways.</summary>
    public static IReadOnlyList<FuzzModel> All { get; } =
    [
        .. Types.Keys.Select(datatype => new FuzzModel($"echo-{datatype}", datatype, [-1, 2], [3, 2])),
        new("scalar", "FP32", [], []),
        new("fixed", "FP32", [2, 3], [2, 3]),
        new("dynamic", "FP32", [-1, -1, -1], [2, 1, 3]),
        new("texts", "BYTES", [-1], [4]),
    ];

    /// <summary>Bytes of an element; 0 for texts.</summary>
    public int ElementSize => Datatype switch
    {
        "BYTES" => 0,
        "BOOL" or "UINT8" or "INT8" => 1,
        "UINT16" or "INT16" or "FP16" or "BF16" => 2,
        "UINT64" or "INT64" or "FP64" => 8,
        _ => 4,
    };

    public byte[] ToOnnx()
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Node("Identity", [graph.Input("x", Types[Datatype], Shape)]), Types[Datatype], Shape);
        return OnnxFile.Write(graph.Build());
    }
}
