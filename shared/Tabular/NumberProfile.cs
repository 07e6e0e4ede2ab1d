namespace Mlops.Tabular;

/// <summary>Where the numbers of a column lie. Null where the numbers are too large to tell.</summary>
public sealed record NumberProfile
{
    private static readonly double[] Probabilities = [0.05, 0.25, 0.5, 0.75, 0.95];

    /// <summary>The arithmetic mean.</summary>
    public required double? Mean { get; init; }

    /// <summary>The sample's standard deviation, with n − 1; null for a single number.</summary>
    public required double? StandardDeviation { get; init; }

    /// <summary>The smallest.</summary>
    public required double Min { get; init; }

    /// <summary>The largest.</summary>
    public required double Max { get; init; }

    /// <summary>At 0.05, 0.25, 0.5, 0.75 and 0.95.</summary>
    public required IReadOnlyList<Quantile> Quantiles { get; init; }

    /// <summary>The numbers that are not missing, ascending.</summary>
    internal static double[] Sorted(ReadOnlySpan<double> values)
    {
        var sorted = new List<double>(values.Length);
        foreach (var value in values)
            if (!double.IsNaN(value))
                // −0 becomes 0.
                sorted.Add(value + 0.0);
        sorted.Sort();
        return [.. sorted];
    }

    /// <summary>The profile of at least one number, ascending.</summary>
    internal static NumberProfile Of(double[] sorted)
    {
        var mean = sorted.Sum() / sorted.Length;
        var squares = sorted.Sum(value => (value - mean) * (value - mean));
        return new NumberProfile
        {
            Mean = Finite(mean),
            StandardDeviation = Finite(Math.Sqrt(squares / (sorted.Length - 1))),
            Min = sorted[0],
            Max = sorted[^1],
            Quantiles = [.. Probabilities.Select(probability => new Quantile(probability, Finite(QuantileOf(sorted, probability))))],
        };
    }

    // Linear interpolation between order statistics: type 7 of R. J. Hyndman and Y. Fan, "Sample quantiles in statistical packages" (1996).
    private static double QuantileOf(double[] sorted, double probability)
    {
        var position = (sorted.Length - 1) * probability;
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}

/// <summary>A number below which a share of the numbers lies.</summary>
/// <param name="Probability">The share, from 0 to 1.</param>
/// <param name="Value">The number.</param>
public sealed record Quantile(double Probability, double? Value);
