namespace Mlops.Contracts.Spec;

/// <summary>
/// A multi-layer perceptron that learns a vector for each level of a categorical column (Guo and Berkhahn, 2016) in place of
/// an indicator. A level that is rarer than <c>preprocessing.minCount</c>, or that training never saw, shares one vector,
/// which starts at zero.
/// </summary>
public sealed record EmbeddingMlpSpec : PerceptronSpec
{
    /// <summary>Numbers in the vector of a column with n levels; null for 1.6 · n^0.56, rounded, at most 50.</summary>
    public int? Dimensions { get; init; }

    /// <summary>The size of a vector where a column has a number of levels.</summary>
    public int DimensionsOf(int levels) => Dimensions ?? Math.Clamp((int)Math.Round(1.6 * Math.Pow(levels, 0.56)), 1, 50);

    internal static EmbeddingMlpSpec Read(SpecReader reader) =>
        new() { Dimensions = reader.Has("dimensions") ? reader.Integer("dimensions", 1, 1, 4_096) : null };
}
