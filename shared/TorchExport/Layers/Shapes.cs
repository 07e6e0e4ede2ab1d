using Mlops.Onnx;
using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

/// <summary>Other dimensions of the same elements. Lengths are asked of the value when the graph runs, so that they may vary.</summary>
internal static class Shapes
{
    public static string Export(Flatten layer, ExportGraph graph, string input)
    {
        if ((layer.start_dim, layer.end_dim) == (1, -1))
            return graph.Node("Flatten", [input], GraphBuilder.Attribute("axis", 1));
        return Reshape(graph, input, layer.start_dim, [-1], layer.end_dim);
    }

    public static string Export(Unflatten layer, ExportGraph graph, string input) => Reshape(graph, input, layer.dim, layer.unflattened_size, layer.dim);

    /// <summary>Puts <paramref name="sizes"/> in the place of the dimensions from <paramref name="first"/> to <paramref name="last"/>, both counted from the end if below 0.</summary>
    private static string Reshape(ExportGraph graph, string input, long first, long[] sizes, long last)
    {
        var shape = graph.Node("Shape", [input]);
        List<string> parts = [];
        if (first != 0)
            parts.Add(Slice(graph, shape, 0, first));
        parts.Add(graph.Integers("sizes", sizes));
        if (last != -1)
            parts.Add(Slice(graph, shape, last + 1, long.MaxValue));
        return graph.Node("Reshape", [input, graph.Node("Concat", parts, GraphBuilder.Attribute("axis", 0))]);
    }

    private static string Slice(ExportGraph graph, string shape, long start, long end) =>
        graph.Node("Slice", [shape, graph.Integers("start", start), graph.Integers("end", end)]);
}
