using Mlops.Onnx;
using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>Graphs of a node or two.</summary>
internal static class RowGraphs
{
    /// <summary>A graph whose outputs are those that the builder names, of the types that come after it; their shapes are left to the runtime.</summary>
    public static ModelProto Model(Func<GraphBuilder, string> build, DataType output = DataType.Float, long opset = 17, long ml = 3, GraphBuilder? graph = null)
    {
        graph ??= new GraphBuilder();
        graph.Output("y", build(graph), output);
        var model = graph.Build();
        model.Graph.Output[0].Type.TensorType.Shape = null;
        model.OpsetImport[0].Version = opset;
        model.OpsetImport[1].Version = ml;
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "com.microsoft", Version = 1 });
        return model;
    }

    /// <summary>The model with the second output of its last node as a second output.</summary>
    public static ModelProto Further(this ModelProto model, DataType type)
    {
        model.Graph.Node[^2].Output.Add("further");
        model.Graph.Output.Add(new ValueInfoProto { Name = "further", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type } } });
        return model;
    }

    /// <summary>Rows of numbers.</summary>
    public static string X(this GraphBuilder graph, params long[] row) => graph.Input("x", DataType.Float, [-1, .. row]);

    /// <summary>Rows of numbers beside others.</summary>
    public static string Z(this GraphBuilder graph, params long[] row) => graph.Input("z", DataType.Float, [-1, .. row]);

    public static string Texts(this GraphBuilder graph, params long[] row) => graph.Input("x", DataType.String, [-1, .. row]);

    /// <summary>Rows of 0, 1 and 2.</summary>
    public static string Places(this GraphBuilder graph, params long[] row) => graph.Input("places", DataType.Int64, [-1, .. row]);

    /// <summary>Rows of unsigned bytes.</summary>
    public static string Bytes(this GraphBuilder graph, params long[] row) => graph.Input("x", DataType.Uint8, [-1, .. row]);

    /// <summary>A constant of that shape: small numbers of both signs.</summary>
    public static string C(this GraphBuilder graph, params long[] shape) =>
        graph.Floats("c", [.. Enumerable.Range(0, Count(shape)).Select(i => (i % 7 - 3) / 2f + (i % 2 == 0 ? 0.25f : 0))], shape);

    /// <summary>A constant of that shape: 0.25, 0.5, 0.75 …</summary>
    public static string Scale(this GraphBuilder graph, params long[] shape) =>
        graph.Floats("scale", [.. Enumerable.Range(0, Count(shape)).Select(i => 0.25f * (1 + i))], shape);

    /// <summary>A constant of bytes: 128 (or −128), and up from there by 3.</summary>
    public static string Bytes(this GraphBuilder graph, DataType type, params long[] shape) => graph.Constant(Tensors.Raw(
        "bytes", type, [.. Enumerable.Range(0, Count(shape)).Select(i => (byte)(128 + 3 * i))], shape));

    public static string Bools(this GraphBuilder graph, params bool[] values) =>
        graph.Constant(Tensors.Raw("bools", DataType.Bool, [.. values.Select(value => value ? (byte)1 : (byte)0)], values.Length));

    /// <summary>A constant number.</summary>
    public static string Integer(this GraphBuilder graph, long value) => graph.Constant(Tensors.Of("integer", (long[])[value]));

    public static AttributeProto Floats(string name, params float[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Floats, Floats = { values } };

    private static int Count(long[] shape) => (int)shape.Aggregate(1L, (product, length) => product * length);
}
