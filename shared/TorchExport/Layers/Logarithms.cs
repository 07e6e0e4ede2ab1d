using Mlops.Onnx;
using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

/// <summary>Exponentials with their sums, and logarithms of those.</summary>
internal static class Logarithms
{
    public static string Export(Softmax layer, ExportGraph graph, string input) => graph.Node("Softmax", [input], GraphBuilder.Attribute("axis", layer.dim));

    public static string Export(LogSoftmax layer, ExportGraph graph, string input) => graph.Node("LogSoftmax", [input], GraphBuilder.Attribute("axis", layer.dim));

    /// <summary>log(1 + exp(beta·x)) ÷ beta, and x itself where beta·x is above the threshold.</summary>
    public static string Export(Softplus layer, ExportGraph graph, string input)
    {
        var scaled = layer.beta == 1 ? input : graph.Node("Mul", [input, graph.Number("beta", layer.beta)]);
        var curve = graph.Node("Softplus", [scaled]);
        if (layer.beta != 1)
            curve = graph.Node("Div", [curve, graph.Number("beta", layer.beta)]);
        return graph.Node("Where", [graph.Node("Greater", [scaled, graph.Number("threshold", layer.threshold)]), input, curve]);
    }

    public static string ExportLogSigmoid(ExportGraph graph, string input) => graph.Node("Neg", [graph.Node("Softplus", [graph.Node("Neg", [input])])]);
}
