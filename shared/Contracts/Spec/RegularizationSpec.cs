using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>
/// What keeps weights and steps small. Penalties and the largest norm bear on the weights of layers (not on biases, nor on the
/// scales of normalisations); dropout is a part of the model, weight decay one of the optimiser.
/// </summary>
public sealed record RegularizationSpec
{
    /// <summary>Times the sum of absolute weights is added to the loss. At least 0.</summary>
    public double L1 { get; init; }

    /// <summary>Times the sum of squared weights is added to the loss. At least 0.</summary>
    public double L2 { get; init; }

    /// <summary>Both in the terms of the elastic net, instead of them; null without.</summary>
    public ElasticNetSpec? ElasticNet { get; init; }

    /// <summary>The largest Euclidean norm of the weights into one unit; what is longer is cut to it after each step (Srivastava et al., 2014). Above 0; null for none.</summary>
    public double? MaxNorm { get; init; }

    /// <summary>The largest Euclidean norm of all gradients together; a longer one is scaled down to it. Above 0; null for none.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>The largest size of each part of a gradient; what is larger is cut to it, before <see cref="ClipNorm"/>. Above 0; null for none.</summary>
    public double? ClipValue { get; init; }

    /// <summary>What stands before Σ|w| and Σw², whichever way it was said.</summary>
    [JsonIgnore]
    public (double L1, double L2) Penalty => ElasticNet is { } net ? (net.Alpha * net.L1Ratio, net.Alpha * (1 - net.L1Ratio) / 2) : (L1, L2);

    internal static RegularizationSpec Read(SpecReader reader, OptimizerSpec optimizer)
    {
        var spec = new RegularizationSpec
        {
            L1 = reader.Number("l1", 0, 0, 1_000),
            L2 = reader.Number("l2", 0, 0, 1_000),
            ElasticNet = reader.Has("elasticNet") ? ElasticNetSpec.Read(reader.Section("elasticNet")) : null,
            MaxNorm = Above0(reader, "maxNorm"),
            ClipNorm = Above0(reader, "clipNorm"),
            ClipValue = Above0(reader, "clipValue"),
        };
        if (spec is { ElasticNet: not null } and not { L1: 0, L2: 0 })
            reader.Report("elasticNet", "not accepted together with l1 or l2, which it stands for; one of both is");
        if (optimizer is LbfgsSpec)
            foreach (var name in new[] { "maxNorm", "clipNorm", "clipValue" }.Where(reader.Has))
                reader.Report(name, "not accepted with optimizer.type lbfgs, whose steps must follow the gradient; l1, l2 and elasticNet are");
        reader.End();
        return spec;
    }

    private static double? Above0(SpecReader reader, string name) =>
        reader.Has(name) ? reader.Number(name, 1, 0, double.PositiveInfinity, openMin: true) : null;
}

/// <summary>
/// The elastic net (Zou and Hastie, 2005), in scikit-learn's terms: alpha·(l1Ratio·Σ|w| + ½(1 − l1Ratio)·Σw²) is added to the loss.
/// </summary>
public sealed record ElasticNetSpec
{
    /// <summary>Weight of the whole penalty, at least 0.</summary>
    public double Alpha { get; init; } = 0.0001;

    /// <summary>The share of L1, 0 to 1.</summary>
    public double L1Ratio { get; init; } = 0.5;

    internal static ElasticNetSpec Read(SpecReader reader)
    {
        var spec = new ElasticNetSpec { Alpha = reader.Number("alpha", 0.0001, 0, 1_000), L1Ratio = reader.Number("l1Ratio", 0.5, 0, 1) };
        reader.End();
        return spec;
    }
}
