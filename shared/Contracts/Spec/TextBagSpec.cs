namespace Mlops.Contracts.Spec;

/// <summary>
/// Running text as the weights of its terms (<c>preprocessing.text</c>), whatever their order, into a linear model or a
/// multi-layer perceptron. Other columns stand beside them.
/// </summary>
public sealed record TextBagSpec : NetworkSpec
{
    /// <summary>Of ten thousand terms most say little; dropping many at each step keeps few from deciding.</summary>
    public TextBagSpec() => Dropout = 0.7;

    /// <summary>Units of each hidden layer; empty for a linear model.</summary>
    public IReadOnlyList<int> Hidden { get; init; } = [];

    /// <summary>After each hidden layer.</summary>
    public Activation Activation { get; init; } = Activation.Relu;

    internal static new TextBagSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        var otherwise = new TextBagSpec();
        return new TextBagSpec
        {
            Hidden = reader.Integers("hidden", otherwise.Hidden, 1, 65_536, maxCount: 64),
            Activation = reader.Choice("activation", otherwise.Activation),
            Dropout = ReadDropout(reader, otherwise.Dropout, optimizer),
        };
    }
}
