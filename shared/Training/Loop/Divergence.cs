using System.Globalization;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>The faults of a training that ran away.</summary>
internal static class Divergence
{
    /// <param name="what">That is no finite number.</param>
    /// <param name="value">What it is instead.</param>
    /// <param name="place">Epoch, and batch where it is known.</param>
    /// <param name="spec">What it was trained by.</param>
    /// <param name="cause">What is known besides.</param>
    public static Fault Of(string what, double value, string place, PipelineSpec spec, string? cause = null) => Fault.Invalid("training.loss", string.Create(
        CultureInfo.InvariantCulture,
        $"{what} became {(double.IsNaN(value) ? "NaN" : "infinite")} at {place}{(cause is null ? "" : ", " + cause)}; {RemedyOf(spec)} is accepted"));

    /// <summary>Which layer's gradient is the largest.</summary>
    public static string LargestGradient(FlatWeights weights)
    {
        using var scope = NewDisposeScope();
        var (name, size) = weights.Ranges
            .Select(range => (range.Name, Size: range.Of(weights.Gradients).abs().nan_to_num(double.PositiveInfinity, double.PositiveInfinity).max().ToNumber()))
            .MaxBy(range => range.Size);
        return size == 0
            ? "before any step"
            : string.Create(CultureInfo.InvariantCulture, $"after a step whose largest gradient was that of {name} ({size:g3})");
    }

    private static string RemedyOf(PipelineSpec spec) => spec.Model is BoostedTreesSpec trees
        ? string.Create(CultureInfo.InvariantCulture, $"a smaller model.learningRate (now {trees.LearningRate})")
        : string.Create(CultureInfo.InvariantCulture, $"a smaller optimizer.learningRate (now {spec.Optimizer.LearningRate}) or regularization.clipNorm");
}
