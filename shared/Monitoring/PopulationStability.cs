namespace Mlops.Monitoring;

/// <summary>
/// How far a distribution is from another: the population stability index, Σ (a − e) · ln(a / e) over the groups' shares, which is
/// the symmetric Kullback–Leibler divergence (Kullback, Leibler 1951, J). Customary readings: below 0.1 alike, above 0.25 another.
/// </summary>
public static class PopulationStability
{
    private const int MostGroups = 10;

    /// <summary>The index over categories. A category that one side lacks counts as half a row of it.</summary>
    /// <param name="expected">Counts of the one that is compared with.</param>
    /// <param name="actual">Counts of the other.</param>
    public static StabilityIndex Of<TKey>(IReadOnlyDictionary<TKey, long> expected, IReadOnlyDictionary<TKey, long> actual)
        where TKey : notnull
    {
        var keys = expected.Keys.Union(actual.Keys).ToList();
        double all = Math.Max(1, expected.Values.Sum()), others = Math.Max(1, actual.Values.Sum());
        var index = keys.Sum(key =>
        {
            var (e, a) = (Share(expected.GetValueOrDefault(key), all), Share(actual.GetValueOrDefault(key), others));
            return (a - e) * Math.Log(a / e);
        });
        return new StabilityIndex(index, keys.Count, (long)all, (long)others);
    }

    /// <summary>The index over numbers: in up to ten groups of the expected ones, as equal as their bins allow.</summary>
    /// <param name="expected">Counts by bin of <see cref="SketchBins"/>.</param>
    /// <param name="actual">The same of the other.</param>
    public static StabilityIndex OfNumbers(IReadOnlyDictionary<int, long> expected, IReadOnlyDictionary<int, long> actual)
    {
        var ends = Ends(expected);
        return Of(Grouped(expected, ends), Grouped(actual, ends));
    }

    /// <summary>The last bin of each group but the last group.</summary>
    private static List<int> Ends(IReadOnlyDictionary<int, long> expected)
    {
        var (ends, all, passed) = (new List<int>(), expected.Values.Sum(), 0L);
        foreach (var (bin, count) in expected.OrderBy(bin => bin.Key))
        {
            passed += count;
            if (passed < all && passed >= all * (ends.Count + 1L) / MostGroups)
                ends.Add(bin);
        }

        return ends;
    }

    private static Dictionary<int, long> Grouped(IReadOnlyDictionary<int, long> bins, List<int> ends)
    {
        var groups = new Dictionary<int, long>();
        foreach (var (bin, count) in bins)
        {
            // What is no number is a group of its own, whatever the other side has.
            var found = bin == SketchBins.NotANumber ? bin : ends.BinarySearch(bin);
            var group = found < 0 ? ~found : found;
            groups[group] = groups.GetValueOrDefault(group) + count;
        }

        return groups;
    }

    private static double Share(long count, double all) => Math.Max(count, 0.5) / all;
}

/// <summary>A population stability index, and what it was taken from.</summary>
/// <param name="Value">0 for the same shares; it has no upper bound.</param>
/// <param name="Groups">Groups that were compared.</param>
/// <param name="Expected">Values of the one side, 1 and above.</param>
/// <param name="Actual">Values of the other, 1 and above.</param>
public readonly record struct StabilityIndex(double Value, int Groups, long Expected, long Actual)
{
    /// <summary>
    /// What chance alone exceeds in one of a thousand comparisons of the same distribution: the index times n·m / (n + m) is
    /// about χ² with one degree of freedom less than groups (Yurdakul: "Statistical properties of population stability index", 2018).
    /// </summary>
    public double Noise => Groups < 2 ? 0 : Chance.ChiSquareUpper(Groups - 1) * ((1.0 / Expected) + (1.0 / Actual));
}
