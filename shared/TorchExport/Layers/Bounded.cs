using Mlops.Onnx;

namespace Mlops.TorchExport.Layers;

/// <summary>Activations that are straight lines between two bounds.</summary>
internal static class Bounded
{
    public static string Export(ExportGraph graph, string input, double minimum, double maximum) =>
        graph.Node("Clip", [input, graph.Number("minimum", minimum), graph.Number("maximum", maximum)]);

    public static string ExportHardSigmoid(ExportGraph graph, string input) =>
        graph.Node("HardSigmoid", [input], GraphBuilder.Attribute("alpha", 1f / 6), GraphBuilder.Attribute("beta", 0.5f));
}
