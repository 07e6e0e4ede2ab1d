using Mlops.Training.Loop;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training.Trees;

/// <summary>What trees are grown from, or looked at with: encoded rows and what is to be learned of each.</summary>
/// <param name="Inputs">Rows × width, row-major.</param>
/// <param name="Width">Numbers in a row.</param>
/// <param name="Labels">Class codes, or one target's values.</param>
/// <param name="Weights">What each row counts; null where all count the same.</param>
internal sealed record TreeRows(float[] Inputs, int Width, float[] Labels, float[]? Weights)
{
    public int Count => Labels.Length;

    /// <summary>The rows of samples for each target; for classes, whose codes are one target, once.</summary>
    /// <param name="samples">On the CPU.</param>
    /// <param name="classWeights">[classes]; null where all count the same.</param>
    public static IReadOnlyList<TreeRows> Of(Samples samples, Tensor? classWeights)
    {
        using var scope = NewDisposeScope();
        var inputs = samples.Inputs.ToFloats();
        var weights = classWeights?.index_select(0, samples.Targets).ToFloats();
        return [.. samples.Targets.to(ScalarType.Float32).view(samples.Count, -1).unbind(1)
            .Select(target => new TreeRows(inputs, (int)samples.Inputs.shape[1], target.ToFloats(), weights))];
    }
}
