namespace Mlops.Training.Trees;

/// <summary>
/// One decision tree over encoded rows. Splits are numbered from the root, 0; a child below 0 is the leaf ~child. A tree
/// without splits is its one leaf.
/// </summary>
internal sealed record Tree
{
    /// <summary>Which output the leaves' values are added to.</summary>
    public required int Output { get; init; }

    /// <summary>Of each split: which number of the row is looked at.</summary>
    public required IReadOnlyList<int> Features { get; init; }

    /// <summary>Of each split: up to and with it a row goes left.</summary>
    public required IReadOnlyList<float> Thresholds { get; init; }

    /// <summary>Of each split: whether a row whose number is missing (NaN) goes left.</summary>
    public required IReadOnlyList<bool> MissingLeft { get; init; }

    public required IReadOnlyList<int> Left { get; init; }

    public required IReadOnlyList<int> Right { get; init; }

    public required IReadOnlyList<double> Leaves { get; init; }

    /// <summary>The value of the leaf that a row falls into.</summary>
    public double ValueOf(ReadOnlySpan<float> row)
    {
        var node = Features.Count == 0 ? ~0 : 0;
        while (node >= 0)
        {
            var value = row[Features[node]];
            node = (float.IsNaN(value) ? MissingLeft[node] : value <= Thresholds[node]) ? Left[node] : Right[node];
        }
        return Leaves[~node];
    }

    /// <summary>
    /// The largest 32-bit number that is not above a threshold: a 32-bit input is on the same side of both.
    /// </summary>
    public static float RoundDown(double threshold)
    {
        var rounded = (float)threshold;
        return rounded > threshold ? float.BitDecrement(rounded) : rounded;
    }
}
