using Mlops.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

internal static class Norms
{
    public static string ExportBatch(NormBase layer, ExportGraph graph, string input)
    {
        if (layer.running_mean is not { } mean || layer.running_var is not { } variance)
            throw graph.Refuse("without running statistics is not accepted, because a row's answer would depend on its batch; track_running_stats is");
        return graph.Node(
            "BatchNormalization",
            [input, Scale(graph, layer.weight, [layer.num_features]), Shift(graph, layer.bias, [layer.num_features]), graph.Weight("mean", mean), graph.Weight("variance", variance)],
            GraphBuilder.Attribute("epsilon", (float)layer.eps));
    }

    public static string Export(LayerNorm layer, ExportGraph graph, string input) =>
        ExportLast(graph, input, Scale(graph, layer.weight, layer.normalized_shape), Shift(graph, layer.bias, layer.normalized_shape), layer.normalized_shape.Length, layer.eps);

    /// <summary>Over the last dimensions.</summary>
    public static string ExportLast(ExportGraph graph, string input, string scale, string shift, int dimensions, double epsilon) => graph.Node(
        "LayerNormalization", [input, scale, shift], GraphBuilder.Attribute("axis", (long)-dimensions), GraphBuilder.Attribute("epsilon", (float)epsilon));

    // Each group is an instance with one channel. Scale and shift are of channels, which stand second when the rest is one dimension.
    public static string Export(GroupNorm layer, ExportGraph graph, string input)
    {
        var groups = graph.Node("Reshape", [input, graph.Integers("groups", 0, layer.num_groups, -1)]);
        float[] ones = [.. Enumerable.Repeat(1f, (int)layer.num_groups)];
        var normal = graph.Node(
            "InstanceNormalization",
            [groups, graph.Floats("one", ones, ones.Length), graph.Floats("zero", new float[ones.Length], ones.Length)],
            GraphBuilder.Attribute("epsilon", (float)layer.eps));
        if (layer.weight is { } weight)
        {
            using var scope = NewDisposeScope();
            var channels = graph.Node("Reshape", [normal, graph.Integers("channels", 0, weight.numel(), -1)]);
            var scaled = graph.Node("Mul", [channels, graph.Weight("scale", weight.view(-1, 1))]);
            normal = layer.bias is { } bias ? graph.Node("Add", [scaled, graph.Weight("shift", bias.view(-1, 1))]) : scaled;
        }
        return graph.Node("Reshape", [normal, graph.Node("Shape", [input])]);
    }

    private static string Scale(ExportGraph graph, Tensor? weight, long[] shape) => Given(graph, "scale", weight, 1, shape);

    private static string Shift(ExportGraph graph, Tensor? bias, long[] shape) => Given(graph, "shift", bias, 0, shape);

    private static string Given(ExportGraph graph, string name, Tensor? values, float otherwise, long[] shape) => values is not null
        ? graph.Weight(name, values)
        : graph.Floats(name, [.. Enumerable.Repeat(otherwise, (int)shape.Aggregate(1L, (product, size) => product * size))], shape);
}
