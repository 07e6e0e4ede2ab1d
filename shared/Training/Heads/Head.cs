using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using Mlops.Training.Loop;
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

    /// <summary>The same of rows that are looked at slice by slice, so that what a network makes of them need not be there at once.</summary>
    /// <param name="loss">The loss.</param>
    /// <param name="forward">Computes the output of a slice.</param>
    /// <param name="rows">At least one.</param>
    public Tensor[] Measure(Loss loss, Func<Samples, Tensor> forward, SampleSource rows)
    {
        var (measures, counts) = (new List<Tensor[]>(), new List<Tensor[]>());
        foreach (var slice in rows.Slices())
        {
            if (slice.Count == rows.Count)
                return Measure(loss, forward(slice), slice.Targets);
            using var scope = NewDisposeScope();
            var found = Measure(loss, forward(slice), slice.Targets);
            Tensor[] count = [loss.CountOf(slice.Targets), tensor((float)slice.Count, device: rows.Device)];
            measures.Add([.. found.Select(measure => measure.MoveToOuterDisposeScope())]);
            counts.Add([.. count.Take(found.Length).Select(number => number.MoveToOuterDisposeScope())]);
        }
        return [.. Enumerable.Range(0, measures[0].Length).Select(index =>
        {
            var weights = stack(counts.Select(count => count[index]));
            return (stack(measures.Select(measure => measure[index])) * weights).sum() / weights.sum();
        })];
    }

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
