using Mlops.Onnx;
using TorchSharp.Modules;

namespace Mlops.Training.Networks;

/// <summary>The ONNX export of a fully connected layer.</summary>
internal static class Dense
{
    // MatMul and Add rather than Gemm: that is what 8-bit quantisation replaces.
    public static string Export(this Linear layer, GraphBuilder graph, string input)
    {
        using var transposed = layer.weight!.t();
        var weight = graph.Floats("network/weight", transposed.ToFloats(), layer.in_features, layer.out_features);
        var bias = graph.Floats("network/bias", layer.bias!.ToFloats(), layer.out_features);
        return graph.Node("Add", [graph.Node("MatMul", [input, weight]), bias]);
    }
}
