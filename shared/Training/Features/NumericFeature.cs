using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Training.Features;

/// <summary>What was learned of one number of a row: what stands in for it where it is missing, and what becomes of it then.</summary>
internal sealed record NumericFeature
{
    /// <summary>The column.</summary>
    public required string Name { get; init; }

    /// <summary>Stands in for a missing number.</summary>
    public required float Fill { get; init; }

    /// <summary>Whether an indicator says where it is missing.</summary>
    public bool HasIndicator { get; init; }

    /// <summary>Whether it becomes sign(x) · ln(1 + |x|) first.</summary>
    public bool IsLog { get; init; }

    /// <summary>What is taken off.</summary>
    public float Center { get; init; }

    /// <summary>What it is divided by then.</summary>
    public float Scale { get; init; } = 1;

    /// <summary>In place of both: the training rows' quantiles.</summary>
    public Quantiles? Quantiles { get; init; }

    /// <summary>Whether it stays as it is, once it is there.</summary>
    public bool IsAsItIs => !IsLog && Center == 0 && Scale == 1 && Quantiles is null;

    /// <summary>Fits the values of the training rows; NaN ones count as missing.</summary>
    /// <param name="name">The column.</param>
    /// <param name="values">Its values.</param>
    /// <param name="settings">As <see cref="PreprocessingSpec.Of"/> gives them.</param>
    /// <exception cref="Fault">Every value is missing, or one does not fit a 32-bit float.</exception>
    public static NumericFeature Fit(string name, ReadOnlySpan<double> values, ColumnPreprocessingSpec settings)
    {
        var moments = Moments.Fit(name, values);
        var missing = values.Count(double.NaN);
        double[] sorted = IsOrdered(settings) ? SortedWithout(missing, values) : [];
        var feature = new NumericFeature
        {
            Name = name,
            HasIndicator = settings.MissingIndicator == true && missing > 0,
            IsLog = settings.Log == true,
            Fill = (float)(settings.Impute switch
            {
                Imputation.Zero => 0,
                Imputation.Median => Quantiles.At(sorted, 0.5),
                _ => moments.Mean,
            }),
        };
        if (feature.IsLog)
        {
            sorted = [.. sorted.Select(value => (double)Log((float)value))];
            moments = Moments.Fit(name, sorted);
        }
        return settings.Scaling switch
        {
            Scaling.None => feature,
            Scaling.Quantile => feature with { Quantiles = Quantiles.Fit(sorted) },
            Scaling.MinMax => feature.Affine(sorted[0], sorted[^1] - sorted[0]),
            Scaling.Robust => feature.Affine(Quantiles.At(sorted, 0.5), SpreadOf(sorted)),
            _ => feature.Affine(moments.Mean, moments.Deviation),
        };
    }

    /// <summary>The number as a model takes it, in 32-bit floats and in the order of the graph's operators, so that both give the same bits.</summary>
    /// <param name="value">As the column has it; not missing.</param>
    public float Transform(float value)
    {
        if (IsLog)
            value = Log(value);
        return Quantiles?.RankOf(value) ?? ((value - Center) / Scale);
    }

    /// <summary>A number from about where those of the training rows lie.</summary>
    /// <param name="deviation">How far from the middle: a normally distributed number.</param>
    public float MakeUp(double deviation)
    {
        var spread = Quantiles is { Knots: var knots } ? (knots[^1] - knots[0]) / 4 : Scale;
        return (float)(Fill + (deviation * spread));
    }

    // To sort takes longer than all else together.
    private static bool IsOrdered(ColumnPreprocessingSpec settings) =>
        settings.Log == true || settings.Impute == Imputation.Median || settings.Scaling is Scaling.Quantile or Scaling.MinMax or Scaling.Robust;

    private static double[] SortedWithout(int missing, ReadOnlySpan<double> values)
    {
        var sorted = values.ToArray();
        // NaN comes first.
        Array.Sort(sorted);
        return sorted[missing..];
    }

    private static float Log(float value) => MathF.Sign(value) * MathF.Log(1 + MathF.Abs(value));

    private static double SpreadOf(double[] sorted)
    {
        var spread = Quantiles.At(sorted, 0.75) - Quantiles.At(sorted, 0.25);
        return spread > 0 ? spread : (sorted[^1] - sorted[0]) / 2;
    }

    private NumericFeature Affine(double center, double scale) => this with { Center = (float)center, Scale = (float)scale is > 0 and < float.PositiveInfinity and var divisor ? divisor : 1 };
}
