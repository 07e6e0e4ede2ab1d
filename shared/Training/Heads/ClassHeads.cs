using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Training.Features;
using static TorchSharp.torch;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Heads;

/// <summary>An output for each class, whose softmax are the probabilities.</summary>
internal sealed class SoftmaxHead(ClassEncoding target) : Head
{
    public override int Outputs => target.Width;

    public override Tensor Answer(Tensor output) => output.softmax(1);

    public override void Export(GraphBuilder graph, string output) =>
        Probabilities.Export(graph, graph.Node("Softmax", [output], GraphBuilder.Attribute("axis", 1L)), target);
}

/// <summary>One output, whose sigmoid is the probability of the second of two classes.</summary>
internal sealed class SigmoidHead(ClassEncoding target) : Head
{
    public override int Outputs => 1;

    public override Tensor Answer(Tensor output)
    {
        var positive = output.sigmoid();
        return cat([1 - positive, positive], 1);
    }

    public override void Export(GraphBuilder graph, string output)
    {
        var positive = graph.Node("Sigmoid", [output]);
        var negative = graph.Node("Sub", [graph.Floats("head/one", [1f], 1), positive]);
        Probabilities.Export(graph, graph.Node("Concat", [negative, positive], GraphBuilder.Attribute("axis", 1L)), target);
    }
}

/// <summary>Probabilities as a model's outputs, with the class that has the largest.</summary>
internal static class Probabilities
{
    public static void Export(GraphBuilder graph, string probabilities, ClassEncoding target)
    {
        var code = graph.Node("ArgMax", [probabilities], GraphBuilder.Attribute("axis", 1L), GraphBuilder.Attribute("keepdims", 0L));
        var label = graph.NodeIn(GraphBuilder.MlDomain, "LabelEncoder", [code],
            GraphBuilder.Attribute("keys_int64s", Enumerable.Range(0, target.Width).Select(index => (long)index)),
            GraphBuilder.Attribute("values_strings", target.Classes));
        graph.Output(ModelSignature.LabelOutput, label, DataType.String, -1);
        graph.Output(ModelSignature.ProbabilitiesOutput, probabilities, DataType.Float, -1, target.Width);
    }
}
