namespace Mlops.Training.Features;

/// <summary>
/// All numbers of a row at once, missing ones filled in: first those that are only shifted and divided, then logarithms, ranks
/// and ranks of logarithms, last the indicators of what was missing; each in the order of the columns.
/// </summary>
internal sealed class NumericBlock
{
    public NumericBlock(IReadOnlyList<NumericFeature> features)
    {
        Features = features;
        Groups = [.. features.Index().GroupBy(feature => (feature.Item.Quantiles is not null, feature.Item.IsLog), feature => feature.Index).OrderBy(group => group.Key).Select(group => group.ToArray())];
        Indicators = [.. features.Index().Where(feature => feature.Item.HasIndicator).Select(feature => feature.Index)];
    }

    /// <summary>In the order of the columns.</summary>
    public IReadOnlyList<NumericFeature> Features { get; }

    /// <summary>The places of the features that the same is done to.</summary>
    public IReadOnlyList<int[]> Groups { get; }

    /// <summary>The places of the features with an indicator.</summary>
    public IReadOnlyList<int> Indicators { get; }

    /// <summary>Numbers that come out.</summary>
    public int Width => Features.Count + Indicators.Count;

    /// <summary>Writes a row.</summary>
    /// <param name="raw">A number for each feature; NaN where missing.</param>
    /// <param name="encoded"><see cref="Width"/> numbers.</param>
    public void Encode(ReadOnlySpan<float> raw, Span<float> encoded)
    {
        var at = 0;
        foreach (var group in Groups)
            foreach (var place in group)
                encoded[at++] = Features[place].Transform(float.IsNaN(raw[place]) ? Features[place].Fill : raw[place]);
        foreach (var place in Indicators)
            encoded[at++] = float.IsNaN(raw[place]) ? 1 : 0;
    }
}
