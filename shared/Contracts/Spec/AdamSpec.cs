namespace Mlops.Contracts.Spec;

/// <summary>An optimiser of Adam's family: it steps along the mean of gradients, divided by the root of the mean of their squares.</summary>
public abstract record MomentsSpec : FirstOrderSpec
{
    /// <summary>Decay of the mean of gradients, 0 ≤ β₁ &lt; 1.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients, 0 ≤ β₂ &lt; 1.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator, above 0.</summary>
    public double Epsilon { get; init; } = 1e-8;

    internal MomentsSpec ReadMoments(SpecReader reader) => this with
    {
        Beta1 = reader.Number("beta1", Beta1, 0, 1, openMax: true),
        Beta2 = reader.Number("beta2", Beta2, 0, 1, openMax: true),
        Epsilon = reader.Number("epsilon", Epsilon, 0, 1, openMin: true),
    };
}

/// <summary>Adam (Kingma and Ba, 2015).</summary>
public sealed record AdamSpec : MomentsSpec
{
    /// <summary>Defaults.</summary>
    public AdamSpec() => LearningRate = 0.001;
}

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, 2019).</summary>
public sealed record AdamWSpec : MomentsSpec
{
    /// <summary>Defaults.</summary>
    public AdamWSpec() => (LearningRate, WeightDecay) = (0.003, 0.01);
}

/// <summary>Adam with Nesterov's momentum (Dozat, 2016).</summary>
public sealed record NAdamSpec : MomentsSpec
{
    /// <summary>Defaults.</summary>
    public NAdamSpec() => LearningRate = 0.002;

    /// <summary>ψ of the momentum's own schedule μₜ = β₁(1 − ½·0.96^(t·ψ)), at least 0.</summary>
    public double MomentumDecay { get; init; } = 0.004;

    internal static NAdamSpec Read(SpecReader reader) => new() { MomentumDecay = reader.Number("momentumDecay", 0.004, 0, 1) };
}

/// <summary>Adam with a rectified variance: plain momentum until the variance can be trusted (Liu et al., 2020).</summary>
public sealed record RAdamSpec : MomentsSpec
{
    /// <summary>Defaults.</summary>
    public RAdamSpec() => LearningRate = 0.001;
}
