using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using Mlops.Training.Losses;
using static TorchSharp.torch;

namespace Mlops.Training.Heads;

/// <summary>What stands between a network's output and the answer, with its ONNX export.</summary>
internal abstract class Head
{
    /// <summary>Width of the network's output.</summary>
    public abstract int Outputs { get; }

    /// <summary>The answers: a probability for each class [N, classes], or values in the targets' units [N, targets].</summary>
    public abstract Tensor Answer(Tensor output);

    /// <summary>The loss of rows, and the share whose class is right where there are classes.</summary>
    public Tensor[] Measure(Loss loss, Tensor output, Tensor targets) => targets.dtype == ScalarType.Int64
        ? [loss.Of(output, targets), Answer(output).argmax(1).eq(targets).to(ScalarType.Float32).mean()]
        : [loss.Of(output, targets)];

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
