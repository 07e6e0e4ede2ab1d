namespace Mlops.Benchmarks;

/// <summary>Percentiles by the nearest rank.</summary>
internal static class Ranks
{
    /// <summary>The value that a share of the values does not exceed; they are in order, and at least one.</summary>
    public static T AtShare<T>(this IReadOnlyList<T> sorted, double share) => sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];

    /// <summary>The middle one of values in any order.</summary>
    public static double Median(this IEnumerable<double> values) => values.Order().ToList().AtShare(0.5);
}
