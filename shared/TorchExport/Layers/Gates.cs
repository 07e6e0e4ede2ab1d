using Mlops.Onnx;
using TorchSharp.Modules;

namespace Mlops.TorchExport.Layers;

/// <summary>Activations between 0 and 1, and those that are their input times one of them.</summary>
internal static class Gates
{
    public static string Export(GELU layer, ExportGraph graph, string input) =>
        layer.approximate == GELU.Approximate.tanh ? ExportGeluTanh(graph, input) : ExportGelu(graph, input);

    /// <summary>x·Φ(x), by the error function.</summary>
    public static string ExportGelu(ExportGraph graph, string input) =>
        Half(graph, input, graph.Node("Erf", [graph.Node("Mul", [input, graph.Number("scale", Math.Sqrt(0.5))])]));

    public static string ExportHardSigmoid(ExportGraph graph, string input) =>
        graph.Node("HardSigmoid", [input], GraphBuilder.Attribute("alpha", 1f / 6), GraphBuilder.Attribute("beta", 0.5f));

    public static string ExportSilu(ExportGraph graph, string input) => graph.Node("Mul", [input, graph.Node("Sigmoid", [input])]);

    public static string ExportMish(ExportGraph graph, string input) => graph.Node("Mul", [input, graph.Node("Tanh", [graph.Node("Softplus", [input])])]);

    // Hendrycks and Gimpel, "Gaussian Error Linear Units" (2016): the approximation by the hyperbolic tangent.
    private static string ExportGeluTanh(ExportGraph graph, string input)
    {
        var square = graph.Node("Mul", [input, input]);
        var factor = graph.Node("Add", [graph.Node("Mul", [square, graph.Number("cubic", 0.044715)]), graph.Number("one", 1)]);
        var argument = graph.Node("Mul", [graph.Node("Mul", [input, factor]), graph.Number("scale", Math.Sqrt(2 / Math.PI))]);
        return Half(graph, input, graph.Node("Tanh", [argument]));
    }

    private static string Half(ExportGraph graph, string input, string gate) =>
        graph.Node("Mul", [graph.Node("Mul", [input, graph.Number("half", 0.5)]), graph.Node("Add", [gate, graph.Number("one", 1)])]);
}
