using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>How far L-BFGS goes along its direction.</summary>
public enum LineSearch
{
    /// <summary>Until the strong Wolfe conditions hold (Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6).</summary>
    StrongWolfe,

    /// <summary>By the learning rate.</summary>
    None,
}

/// <summary>
/// L-BFGS (Liu and Nocedal, 1989): a quasi-Newton method over all training rows; an epoch is one iteration. It ends by itself
/// where the gradient or the step no longer counts. It wants a loss that does not change by chance, so no dropout.
/// </summary>
public sealed record LbfgsSpec : OptimizerSpec
{
    /// <summary>Defaults.</summary>
    public LbfgsSpec() => LearningRate = 1;

    /// <inheritdoc/>
    [JsonIgnore]
    public override bool IsFullBatch => true;

    /// <summary>Steps that are remembered for the curvature, at least 1.</summary>
    public int History { get; init; } = 10;

    /// <summary>How far a step goes.</summary>
    public LineSearch LineSearch { get; init; } = LineSearch.StrongWolfe;

    /// <summary>Ends where no part of the gradient is larger. At least 0.</summary>
    public double GradientTolerance { get; init; } = 1e-7;

    /// <summary>Ends where no weight, and not the loss, changes by more. At least 0.</summary>
    public double ChangeTolerance { get; init; } = 1e-9;

    internal static LbfgsSpec Read(SpecReader reader) => new()
    {
        History = reader.Integer("history", 10, 1, 1_000),
        LineSearch = reader.Choice("lineSearch", LineSearch.StrongWolfe),
        GradientTolerance = reader.Number("gradientTolerance", 1e-7, 0, 1),
        ChangeTolerance = reader.Number("changeTolerance", 1e-9, 0, 1),
    };
}
