namespace Mlops.Training.Trees;

/// <summary>What the trees so far answer to each row.</summary>
/// <param name="rows">The rows.</param>
/// <param name="outputs">To which outputs the trees of a round belong.</param>
internal sealed class TreeSums(TreeRows rows, IReadOnlyList<int> outputs)
{
    /// <summary>Outputs × rows, as LightGBM wants them.</summary>
    public double[] Values { get; } = new double[outputs.Count * rows.Count];

    /// <summary>Adds a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="place">Of its output among the outputs.</param>
    public void Add(Tree tree, int place)
    {
        for (var row = 0; row < rows.Count; row++)
            Values[(place * rows.Count) + row] += tree.ValueOf(rows.Inputs.AsSpan(row * rows.Width, rows.Width));
    }

    /// <summary>Writes the sums into rows × width, row-major.</summary>
    public void CopyTo(Span<float> output, int width)
    {
        for (var index = 0; index < Values.Length; index++)
            output[(index % rows.Count * width) + outputs[index / rows.Count]] = (float)Values[index];
    }
}
