using Mlops.Onnx;
using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

/// <summary>Activations that leave small numbers above 0 as they are.</summary>
internal static class Rectifiers
{
    public static string ExportRelu6(ExportGraph graph, string input) => graph.Node("Clip", [input, graph.Number("minimum", 0), graph.Number("maximum", 6)]);

    public static string Export(LeakyReLU layer, ExportGraph graph, string input) => graph.Node("LeakyRelu", [input], GraphBuilder.Attribute("alpha", (float)layer.negative_slope));

    public static string Export(ELU layer, ExportGraph graph, string input) => graph.Node("Elu", [input], GraphBuilder.Attribute("alpha", (float)layer.alpha));

    public static string Export(CELU layer, ExportGraph graph, string input) => graph.Node("Celu", [input], GraphBuilder.Attribute("alpha", (float)layer.alpha));
}
