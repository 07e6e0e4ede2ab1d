using System.Runtime.InteropServices;
using Mlops.Training.Loop;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training.Trees;

/// <summary>What trees are grown from, or looked at with: encoded rows and what is to be learned of each.</summary>
/// <param name="Rows">On the CPU; their targets are not looked at.</param>
/// <param name="Labels">Class codes, or one target's values.</param>
/// <param name="Weights">What each row counts; null where all count the same.</param>
internal sealed record TreeRows(SampleSource Rows, float[] Labels, float[]? Weights)
{
    public int Count => Labels.Length;

    public int Width => Rows.Width;

    /// <summary>The rows of samples for each target; for classes, whose codes are one target, once.</summary>
    /// <param name="rows">On the CPU.</param>
    /// <param name="targets">Of all of them.</param>
    /// <param name="classWeights">[classes]; null where all count the same.</param>
    public static IReadOnlyList<TreeRows> Of(SampleSource rows, Tensor targets, Tensor? classWeights)
    {
        using var scope = NewDisposeScope();
        var weights = classWeights?.index_select(0, targets).ToFloats();
        return [.. targets.to(ScalarType.Float32).view(rows.Count, -1).unbind(1).Select(target => new TreeRows(rows, target.ToFloats(), weights))];
    }

    /// <summary>Shows the rows in their order, some at a time.</summary>
    public void Read(RowReader read)
    {
        using var scope = NewDisposeScope();
        var first = 0;
        foreach (var slice in Rows.Slices())
        {
            read(MemoryMarshal.Cast<byte, float>(slice.Inputs.bytes), first);
            first += (int)slice.Count;
        }
    }

    /// <summary>Looks at rows that are there during the call only.</summary>
    /// <param name="inputs">Rows × width, row-major.</param>
    /// <param name="first">Place of the first of them among all.</param>
    public delegate void RowReader(ReadOnlySpan<float> inputs, int first);
}
