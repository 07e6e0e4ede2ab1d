namespace Mlops.Training.Trees;

/// <summary>What the trees so far answer to each row.</summary>
/// <param name="rows">The rows.</param>
/// <param name="outputs">To which outputs the trees of a round belong.</param>
internal sealed class TreeSums(TreeRows rows, IReadOnlyList<int> outputs)
{
    /// <summary>Outputs × rows, as LightGBM wants them.</summary>
    public double[] Values { get; } = new double[outputs.Count * rows.Count];

    /// <summary>Adds the trees of some rounds: one for each output, round after round.</summary>
    public void Add(IReadOnlyList<Tree> trees)
    {
        if (trees.Count == 0)
            return;
        rows.Read((inputs, first) =>
        {
            foreach (var (index, tree) in trees.Index())
            {
                var sums = Values.AsSpan((index % outputs.Count * rows.Count) + first, inputs.Length / rows.Width);
                for (var row = 0; row < sums.Length; row++)
                    sums[row] += tree.ValueOf(inputs.Slice(row * rows.Width, rows.Width));
            }
        });
    }

    /// <summary>Writes the sums into rows × width, row-major.</summary>
    public void CopyTo(Span<float> output, int width)
    {
        for (var index = 0; index < Values.Length; index++)
            output[(index % rows.Count * width) + outputs[index / rows.Count]] = (float)Values[index];
    }
}
