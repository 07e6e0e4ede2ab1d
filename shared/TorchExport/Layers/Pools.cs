using Mlops.Onnx;
using Mlops.Onnx.Format;
using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

internal static class Pools
{
    public static string Export(MaxPool1d layer, ExportGraph graph, string input) =>
        Max(graph, input, [layer.kernel_size], One(layer.stride), One(layer.padding), One(layer.dilation), layer.ceil_mode);

    public static string Export(MaxPool2d layer, ExportGraph graph, string input) =>
        Max(graph, input, layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode);

    public static string Export(AvgPool1d layer, ExportGraph graph, string input) =>
        Average(graph, input, [layer.kernel_size], One(layer.stride), One(layer.padding), layer.ceil_mode, layer.count_include_pad);

    public static string Export(AvgPool2d layer, ExportGraph graph, string input) => layer.divisor_override is { } divisor
        ? throw graph.Refuse($"divisor_override {divisor} is not accepted; none is")
        : Average(graph, input, layer.kernel_size, layer.stride, layer.padding, layer.ceil_mode, layer.count_include_pad);

    public static string Export(AdaptiveAvgPool1d layer, ExportGraph graph, string input) => Global(graph, input, [layer.output_size]);

    public static string Export(AdaptiveAvgPool2d layer, ExportGraph graph, string input) => Global(graph, input, layer.output_size);

    private static string Global(ExportGraph graph, string input, long[] sizes) => sizes.All(size => size == 1)
        ? graph.Node("GlobalAveragePool", [input])
        : throw graph.Refuse($"output size [{string.Join(", ", sizes)}] is not accepted; 1 along each axis, the global average, is");

    private static string Max(ExportGraph graph, string input, long[] kernel, long[]? stride, long[]? padding, long[]? dilation, bool ceil)
    {
        var attributes = Windows(graph, kernel, stride, padding, ceil);
        if (dilation?.Any(step => step != 1) == true)
            attributes.Add(GraphBuilder.Attribute("dilations", Each(dilation, kernel)));
        return graph.Node("MaxPool", [input], attributes);
    }

    private static string Average(ExportGraph graph, string input, long[] kernel, long[]? stride, long[]? padding, bool ceil, bool countPadding)
    {
        var attributes = Windows(graph, kernel, stride, padding, ceil);
        if (countPadding)
            attributes.Add(GraphBuilder.Attribute("count_include_pad", 1));
        return graph.Node("AveragePool", [input], attributes);
    }

    // A stride is as long as the window unless it is told; the operator assumes 1.
    private static List<AttributeProto> Windows(ExportGraph graph, long[] kernel, long[]? stride, long[]? padding, bool ceil)
    {
        var pads = Each(padding ?? [0], kernel);
        List<AttributeProto> attributes = [GraphBuilder.Attribute("kernel_shape", kernel)];
        if (pads.Any(pad => pad != 0))
            attributes.Add(GraphBuilder.Attribute("pads", [.. pads, .. pads]));
        attributes.Add(GraphBuilder.Attribute("strides", Each(stride is null or [] ? kernel : stride, kernel)));
        // A last window that begins in the padding is none to PyTorch and one to ONNX.
        if (ceil && pads.Any(pad => pad != 0))
            throw graph.Refuse("ceil_mode with padding is not accepted; one of them is");
        if (ceil)
            attributes.Add(GraphBuilder.Attribute("ceil_mode", 1));
        return attributes;
    }

    private static long[] Each(long[] sizes, long[] kernel) => sizes.Length == kernel.Length ? sizes : [.. kernel.Select(_ => sizes[0])];

    private static long[]? One(long? size) => size is { } value ? [value] : null;
}
