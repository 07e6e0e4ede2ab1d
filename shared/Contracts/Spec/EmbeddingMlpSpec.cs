namespace Mlops.Contracts.Spec;

/// <summary>
/// A multi-layer perceptron that learns a vector for each level of a categorical column (Guo and Berkhahn, 2016) in place of
/// an indicator. A level that is rarer than <c>preprocessing.minCount</c>, or that training never saw, shares one vector,
/// which starts at zero.
/// </summary>
public sealed record EmbeddingMlpSpec : NetworkSpec
{
    /// <summary>Numbers in the vector of a column with n levels; null for 1.6 · n^0.56, rounded, at most 50.</summary>
    public int? Dimensions { get; init; }

    /// <summary>Units of each hidden layer; empty for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [64, 32];

    /// <summary>After each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    /// <summary>The size of a vector where a column has a number of levels.</summary>
    public int DimensionsOf(int levels) => Dimensions ?? Math.Clamp((int)Math.Round(1.6 * Math.Pow(levels, 0.56)), 1, 50);

    internal static new EmbeddingMlpSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        var otherwise = new EmbeddingMlpSpec();
        return new EmbeddingMlpSpec
        {
            Dimensions = reader.Has("dimensions") ? reader.Integer("dimensions", 1, 1, 4_096) : null,
            Hidden = reader.Integers("hidden", otherwise.Hidden, 1, 65_536, maxCount: 64),
            Activation = reader.Choice("activation", otherwise.Activation),
            Dropout = ReadDropout(reader, otherwise.Dropout, optimizer),
        };
    }
}
