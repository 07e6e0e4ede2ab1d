using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Benchmarks;

/// <summary>The network that figures are compared on: 10 → 20 → 10 with ReLU.</summary>
internal static class SampleModel
{
    /// <summary>Its ONNX file; the weights are the same each time.</summary>
    public static byte[] Mlp()
    {
        var (random, graph) = (new Random(1), new GraphBuilder());
        var features = graph.Input("features", DataType.Float, -1, 10);
        var hidden = graph.Node("Relu", [Linear(graph, random, features, 10, 20)]);
        graph.Output("value", Linear(graph, random, hidden, 20, 10), DataType.Float, -1, 10);
        return OnnxFile.Write(graph.Build());
    }

    private static string Linear(GraphBuilder graph, Random random, string input, int inputs, int outputs) =>
        graph.Node("Gemm", [input, Weights(graph, random, inputs, outputs), Weights(graph, random, outputs)]);

    private static string Weights(GraphBuilder graph, Random random, params int[] shape) =>
        graph.Floats("weight", [.. Enumerable.Range(0, shape.Aggregate((a, b) => a * b)).Select(_ => random.NextSingle() - 0.5f)], [.. shape.Select(size => (long)size)]);
}
