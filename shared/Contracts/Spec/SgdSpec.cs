using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>Gradient descent: w ← w − lr·g, with the gradient of all training rows at each step.</summary>
public sealed record GradientDescentSpec : FirstOrderSpec
{
    /// <summary>Defaults.</summary>
    public GradientDescentSpec() => LearningRate = 0.1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsFullBatch => true;
}

/// <summary>Stochastic gradient descent, with momentum as PyTorch defines it (v ← μv + g; w ← w − lr·v).</summary>
public sealed record SgdSpec : FirstOrderSpec
{
    /// <summary>Defaults.</summary>
    public SgdSpec() => LearningRate = 0.01;

    /// <summary>0 ≤ momentum &lt; 1.</summary>
    public double Momentum { get; init; }

    /// <summary>Nesterov's look-ahead (w ← w − lr·(g + μv)); wants momentum above 0.</summary>
    public bool Nesterov { get; init; }

    internal static SgdSpec Read(SpecReader reader)
    {
        var spec = new SgdSpec
        {
            Momentum = reader.Number("momentum", 0, 0, 1, openMax: true),
            Nesterov = reader.Flag("nesterov", false),
        };
        if (spec is { Nesterov: true, Momentum: 0 })
            reader.Report("nesterov", "true is not accepted without momentum; momentum above 0 is");
        return spec;
    }
}
