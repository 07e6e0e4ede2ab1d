using Mlops.Onnx;
using Mlops.Onnx.Format;
using TorchSharp;
using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

internal static class Convolutions
{
    public static string Export(Convolution layer, ExportGraph graph, string input)
    {
        var pads = PadsOf(layer);
        if (layer.padding_mode != PaddingModes.Zeros && pads.Any(pad => pad > 0))
            (input, pads) = (Pad(layer, graph, input, pads), new long[pads.Length]);
        string[] inputs = [input, graph.Weight("kernel", layer.weight!), .. layer.bias is { } bias ? new[] { graph.Weight("bias", bias) } : []];
        return graph.Node("Conv", inputs, [.. Attributes(layer, pads)]);
    }

    // What the operator assumes is left out.
    private static IEnumerable<AttributeProto> Attributes(Convolution layer, long[] pads)
    {
        yield return GraphBuilder.Attribute("kernel_shape", layer.kernel_size);
        if (pads.Any(pad => pad != 0))
            yield return GraphBuilder.Attribute("pads", pads);
        if (layer.stride.Any(step => step != 1))
            yield return GraphBuilder.Attribute("strides", layer.stride);
        if (layer.dilation.Any(step => step != 1))
            yield return GraphBuilder.Attribute("dilations", layer.dilation);
        if (layer.groups != 1)
            yield return GraphBuilder.Attribute("group", layer.groups);
    }

    // Where the sides cannot be equal, PyTorch's "same" has the larger one at the end.
    private static long[] PadsOf(Convolution layer)
    {
        if (layer.padding_type == Padding.Valid)
            return new long[2 * layer.kernel_size.Length];
        if (layer.padding_type != Padding.Same)
            return [.. layer.padding!, .. layer.padding!];
        long[] sums = [.. layer.kernel_size.Zip(layer.dilation, (size, dilation) => dilation * (size - 1))];
        return [.. sums.Select(sum => sum / 2), .. sums.Select(sum => sum - (sum / 2))];
    }

    private static string Pad(Convolution layer, ExportGraph graph, string input, long[] pads)
    {
        var mode = layer.padding_mode switch
        {
            PaddingModes.Reflect => "reflect",
            PaddingModes.Replicate => "edge",
            _ => throw graph.Refuse($"padding mode {layer.padding_mode} is not accepted; Zeros, Reflect and Replicate are"),
        };
        var (begins, ends) = (pads[..(pads.Length / 2)], pads[(pads.Length / 2)..]);
        return graph.Node("Pad", [input, graph.Integers("pads", [0, 0, .. begins, 0, 0, .. ends])], GraphBuilder.Attribute("mode", mode));
    }
}
