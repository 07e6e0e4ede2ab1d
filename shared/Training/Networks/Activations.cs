using Mlops.Contracts.Spec;
using Mlops.Onnx;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

internal static class Activations
{
    public static Tensor Apply(this Activation activation, Tensor input) => activation switch
    {
        Activation.Relu => nn.functional.relu(input),
        Activation.Tanh => input.tanh(),
        _ => nn.functional.silu(input),
    };

    public static string Export(this Activation activation, GraphBuilder graph, string input) => activation switch
    {
        Activation.Relu => graph.Node("Relu", [input]),
        Activation.Tanh => graph.Node("Tanh", [input]),
        _ => graph.Node("Mul", [input, graph.Node("Sigmoid", [input])]),
    };
}
