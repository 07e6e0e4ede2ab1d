using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

internal static class Containers
{
    public static string Export(Sequential layers, ExportGraph graph, string input) =>
        layers.named_children().Aggregate(input, (value, child) => graph.Layer(child.module, value));
}
