using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.GraphBuilder;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx;

/// <summary>Small networks with seeded weights, and the same computed by plain loops.</summary>
internal sealed class Networks(int seed)
{
    private readonly Random _random = new(seed);

    /// <summary>Uniform in [low, high).</summary>
    public float[] Uniform(int count, float low = -1, float high = 1) =>
        [.. Enumerable.Range(0, count).Select(_ => low + (high - low) * _random.NextSingle())];

    /// <summary>Layers of given weights ([inputs, outputs], row-major) and biases with ReLU between them.</summary>
    public sealed record Layer(float[] Weights, float[] Bias, int Inputs, int Outputs);

    public Layer[] Layers(params int[] widths) =>
    [
        .. Enumerable.Range(0, widths.Length - 1).Select(i =>
            new Layer(Uniform(widths[i] * widths[i + 1]), Uniform(widths[i + 1]), widths[i], widths[i + 1])),
    ];

    public static ModelProto Mlp(Layer[] layers)
    {
        var graph = new GraphBuilder();
        var value = graph.Input("features", DataType.Float, -1, layers[0].Inputs);
        foreach (var layer in layers)
        {
            var weights = graph.Floats("weight", layer.Weights, layer.Inputs, layer.Outputs);
            var bias = graph.Floats("bias", layer.Bias, layer.Outputs);
            value = graph.Node("Gemm", [value, weights, bias]);
            if (layer != layers[^1])
                value = graph.Node("Relu", [value]);
        }
        graph.Output("value", value, DataType.Float, -1, layers[^1].Outputs);
        return graph.Build();
    }

    /// <summary>Two convolutions with ReLU, pooling, then a linear layer: [N, 64] → 8×8 → [N, 10].</summary>
    public ModelProto Cnn()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("features", DataType.Float, -1, 64);
        var image = graph.Node("Reshape", [x, graph.Integers("shape", -1, 1, 8, 8)]);
        var first = graph.Node("Relu", [Conv(graph, image, 1, 8)]);
        var pooled = graph.Node("MaxPool", [first], Attribute("kernel_shape", [2L, 2L]), Attribute("strides", [2L, 2L]));
        var second = graph.Node("Relu", [Conv(graph, pooled, 8, 16)]);
        var flat = graph.Node("Flatten", [second]);
        var logits = graph.Node("Gemm", [flat, graph.Floats("weight", Uniform(10 * 256), 10, 256), graph.Floats("bias", Uniform(10), 10)], Attribute("transB", 1));
        graph.Output("value", logits, DataType.Float, -1, 10);
        return graph.Build();
    }

    private string Conv(GraphBuilder graph, string input, int from, int to) => graph.Node(
        "Conv",
        [input, graph.Floats("kernel", Uniform(to * from * 9), to, from, 3, 3), graph.Floats("bias", Uniform(to), to)],
        Attribute("pads", [1L, 1L, 1L, 1L]));

    /// <summary>Imputed and scaled numbers beside a one-hot text, a layer, softmax and the class's name: what a trainer exports.</summary>
    public ModelProto Mixed()
    {
        var graph = new GraphBuilder();
        var numbers = graph.Input("numbers", DataType.Float, -1, 2);
        var colour = graph.Input("colour", DataType.String, -1, 1);
        var filled = graph.Node("Where", [graph.Node("IsNaN", [numbers]), graph.Floats("fill", [100, 7], 2), numbers]);
        var centred = graph.Node("Sub", [filled, graph.Floats("mean", [100, 7], 2)]);
        var scaled = graph.Node("Div", [centred, graph.Floats("deviation", [50, 2], 2)]);
        var hot = graph.NodeIn(MlDomain, "OneHotEncoder", [colour], Attribute("cats_strings", ["blue", "green", "red"]), Attribute("zeros", 1));
        var flat = graph.Node("Reshape", [hot, graph.Integers("shape", -1, 3)]);
        var features = graph.Node("Concat", [scaled, flat], Attribute("axis", 1));
        var hidden = graph.Node("Tanh", [Gemm(graph, features, 5, 8)]);
        var probabilities = graph.Node("Softmax", [Gemm(graph, hidden, 8, 3)], Attribute("axis", -1));
        var best = graph.Node("ArgMax", [probabilities], Attribute("axis", 1), Attribute("keepdims", 0));
        var label = graph.NodeIn(MlDomain, "LabelEncoder", [best], Attribute("keys_int64s", (long[])[0, 1, 2]), Attribute("values_strings", ["a", "b", "c"]));
        graph.Output("probabilities", probabilities, DataType.Float, -1, 3);
        graph.Output("label", label, DataType.String, -1);
        return graph.Build();
    }

    private string Gemm(GraphBuilder graph, string input, int from, int to) =>
        graph.Node("Gemm", [input, graph.Floats("weight", Uniform(from * to), from, to), graph.Floats("bias", Uniform(to), to)]);

}
