using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>How weights are stepped against the gradient.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "type")]
[JsonDerivedType(typeof(SgdSpec), "sgd")]
[JsonDerivedType(typeof(AdamSpec), "adam")]
[JsonDerivedType(typeof(AdamWSpec), "adamw")]
public abstract record OptimizerSpec
{
    /// <summary>Size of a step, above 0.</summary>
    public double LearningRate { get; init; }

    /// <summary>
    /// For SGD and Adam: this times the weight is added to the gradient. For AdamW: the weight shrinks by
    /// learning rate × this at each step, apart from the gradient (Loshchilov and Hutter, 2019).
    /// </summary>
    public double WeightDecay { get; init; }

    internal static OptimizerSpec Read(SpecReader reader)
    {
        OptimizerSpec spec = reader.OneOf("type", "adamw", ["sgd", "adam", "adamw"]) switch
        {
            "sgd" => new SgdSpec
            {
                Momentum = reader.Number("momentum", 0, 0, 1, openMax: true),
                Nesterov = reader.Flag("nesterov", false),
            },
            "adam" => new AdamSpec { Beta1 = Beta(reader, "beta1", 0.9), Beta2 = Beta(reader, "beta2", 0.999), Epsilon = Epsilon(reader) },
            _ => new AdamWSpec { Beta1 = Beta(reader, "beta1", 0.9), Beta2 = Beta(reader, "beta2", 0.999), Epsilon = Epsilon(reader) },
        };
        spec = spec with
        {
            LearningRate = reader.Number("learningRate", spec.LearningRate, 0, 1_000, openMin: true),
            WeightDecay = reader.Number("weightDecay", spec.WeightDecay, 0, 1_000),
        };
        if (spec is SgdSpec { Nesterov: true, Momentum: 0 })
            reader.Report("nesterov", "true is not accepted without momentum; momentum above 0 is");
        reader.End();
        return spec;
    }

    private static double Beta(SpecReader reader, string name, double otherwise) => reader.Number(name, otherwise, 0, 1, openMax: true);

    private static double Epsilon(SpecReader reader) => reader.Number("epsilon", 1e-8, 0, 1, openMin: true);
}

/// <summary>Stochastic gradient descent, with momentum as PyTorch defines it (v ← μv + g; w ← w − lr·v).</summary>
public sealed record SgdSpec : OptimizerSpec
{
    /// <summary>Defaults.</summary>
    public SgdSpec() => LearningRate = 0.01;

    /// <summary>0 ≤ momentum &lt; 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Nesterov's look-ahead; wants momentum above 0.</summary>
    public bool Nesterov { get; init; }
}

/// <summary>Adam (Kingma and Ba, 2015).</summary>
public sealed record AdamSpec : OptimizerSpec
{
    /// <summary>Defaults.</summary>
    public AdamSpec() => LearningRate = 0.001;

    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;
}

/// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, 2019).</summary>
public sealed record AdamWSpec : OptimizerSpec
{
    /// <summary>Defaults.</summary>
    public AdamWSpec() => (LearningRate, WeightDecay) = (0.003, 0.01);

    /// <summary>Decay of the mean of gradients.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the mean of squared gradients.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the denominator.</summary>
    public double Epsilon { get; init; } = 1e-8;
}
