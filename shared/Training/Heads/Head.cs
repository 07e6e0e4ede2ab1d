using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using static TorchSharp.torch;

namespace Mlops.Training.Heads;

/// <summary>What stands between a network's output and the answer, with its ONNX export.</summary>
internal abstract class Head
{
    /// <summary>Width of the network's output.</summary>
    public abstract int Outputs { get; }

    /// <summary>The answers: a probability for each class [N, classes], or values in the targets' units [N, targets].</summary>
    public abstract Tensor Answer(Tensor output);

    /// <summary>Adds the answers to a graph, as its outputs.</summary>
    public abstract void Export(GraphBuilder graph, string output);

    public static Head Of(TargetEncoding target, LossSpec loss) => target switch
    {
        ClassEncoding classes when loss is BinaryLossSpec => new SigmoidHead(classes),
        ClassEncoding classes => new SoftmaxHead(classes),
        NumericEncoding numbers => new ValueHead(numbers),
        _ => throw new InvalidOperationException("unknown target"),
    };
}
