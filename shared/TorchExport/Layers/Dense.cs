using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>Products with a matrix.</summary>
internal static class Dense
{
    public static string Export(Linear layer, ExportGraph graph, string input) => Export(graph, input, "weight", layer.weight!, "bias", layer.bias);

    // The weight is [outputs, inputs]. MatMul and Add rather than Gemm: it takes any number of dimensions, and it is what 8-bit quantisation replaces.
    public static string Export(ExportGraph graph, string input, string weightName, Tensor weight, string biasName, Tensor? bias)
    {
        using var transposed = weight.t();
        var matrix = graph.Weight(weightName, transposed);
        var shift = bias is null ? null : graph.Weight(biasName, bias);
        var product = graph.Node("MatMul", [input, matrix]);
        return shift is null ? product : graph.Node("Add", [product, shift]);
    }

    public static string Export(Embedding layer, ExportGraph graph, string input) => graph.Node("Gather", [graph.Weight("weight", layer.weight!), input]);
}
