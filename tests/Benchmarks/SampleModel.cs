using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Benchmarks;

/// <summary>The networks that figures are compared on: dense layers with ReLU between them.</summary>
internal static class SampleModel
{
    /// <summary>The small one: 10 → 20 → 10.</summary>
    public static byte[] Mlp() => Mlp(10, 20, 10);

    /// <summary>The ONNX file of layers of these widths; the weights are the same each time.</summary>
    public static byte[] Mlp(params int[] widths)
    {
        var (random, graph) = (new Random(1), new GraphBuilder());
        var value = graph.Input("features", DataType.Float, -1, widths[0]);
        for (var layer = 1; layer < widths.Length; layer++)
        {
            if (layer > 1)
                value = graph.Node("Relu", [value]);
            value = graph.Node("Gemm", [value, Weights(graph, random, widths[layer - 1], widths[layer]), Weights(graph, random, widths[layer])]);
        }

        graph.Output("value", value, DataType.Float, -1, widths[^1]);
        return OnnxFile.Write(graph.Build());
    }

    private static string Weights(GraphBuilder graph, Random random, params int[] shape)
    {
        var scale = 1 / MathF.Sqrt(shape[0]);
        return graph.Floats("weight", [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => (random.NextSingle() - 0.5f) * scale)], [.. shape.Select(size => (long)size)]);
    }
}
