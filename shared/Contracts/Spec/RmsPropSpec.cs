namespace Mlops.Contracts.Spec;

/// <summary>RMSprop (Hinton, 2012): steps along the gradient, divided by the root of the mean of its squares.</summary>
public sealed record RmsPropSpec : FirstOrderSpec
{
    /// <summary>Defaults.</summary>
    public RmsPropSpec() => LearningRate = 0.01;

    /// <summary>Decay of the mean of squared gradients, 0 ≤ α &lt; 1.</summary>
    public double Alpha { get; init; } = 0.99;

    /// <summary>Added to the denominator, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>0 ≤ momentum &lt; 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Whether to divide by the deviation of the gradients instead of their size (Graves, 2013).</summary>
    public bool Centered { get; init; }

    internal static RmsPropSpec Read(SpecReader reader) => new()
    {
        Alpha = reader.Number("alpha", 0.99, 0, 1, openMax: true),
        Epsilon = reader.Number("epsilon", 1e-8, 0, 1, openMin: true),
        Momentum = reader.Number("momentum", 0, 0, 1, openMax: true),
        Centered = reader.Flag("centered", false),
    };
}

/// <summary>Adagrad (Duchi, Hazan and Singer, 2011): steps along the gradient, divided by the root of the sum of all its squares.</summary>
public sealed record AdagradSpec : FirstOrderSpec
{
    /// <summary>Defaults.</summary>
    public AdagradSpec() => LearningRate = 0.01;

    /// <summary>The learning rate is divided by 1 + (steps so far) × this. At least 0.</summary>
    public double LearningRateDecay { get; init; }

    /// <summary>What the sum of squares begins with, at least 0.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>Added to the denominator, above 0.</summary>
    public double Epsilon { get; init; } = 1e-10;

    internal static AdagradSpec Read(SpecReader reader) => new()
    {
        LearningRateDecay = reader.Number("learningRateDecay", 0, 0, 1_000),
        InitialAccumulator = reader.Number("initialAccumulator", 0, 0, 1_000),
        Epsilon = reader.Number("epsilon", 1e-10, 0, 1, openMin: true),
    };
}
