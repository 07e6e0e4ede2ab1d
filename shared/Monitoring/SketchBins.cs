namespace Mlops.Monitoring;

/// <summary>
/// The bins of a quantile sketch whose answers are within <see cref="RelativeAccuracy"/> of the true quantile, whatever the
/// distribution, and which can be added up: DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
/// relative-error guarantees", VLDB 2019). A bin holds the values between two powers of one number; bins stand in the order of their
/// values, 0 for the middle one.
/// </summary>
public static class SketchBins
{
    /// <summary>How far a value may be from the one that stands for its bin, as a share of it.</summary>
    public const double RelativeAccuracy = 0.02;

    /// <summary>The bin of what is not a number.</summary>
    public const int NotANumber = int.MaxValue;

    /// <summary>Values nearer to zero are zero.</summary>
    private const double Smallest = 1e-9;

    private const double Largest = 1e15;

    private const double Gamma = (1 + RelativeAccuracy) / (1 - RelativeAccuracy);
    private static readonly double LogOfGamma = Math.Log(Gamma);

    /// <summary>The bin of a value; beyond ±1e15 all share the outermost.</summary>
    public static int Of(double value)
    {
        if (double.IsNaN(value))
            return NotANumber;
        var size = Math.Abs(value);
        if (size < Smallest)
            return 0;
        var bin = Positive(Math.Min(size, Largest));
        return value < 0 ? -bin : bin;
    }

    /// <summary>The value that stands for a bin.</summary>
    public static double ValueOf(int bin) => bin switch
    {
        NotANumber => double.NaN,
        0 => 0,
        > 0 => Smallest * Math.Pow(Gamma, bin - 1) * 2 * Gamma / (1 + Gamma),
        _ => -ValueOf(-bin),
    };

    /// <summary>Adds up two sets of counts.</summary>
    public static Dictionary<TKey, long> Sum<TKey>(IEnumerable<IReadOnlyDictionary<TKey, long>> counts)
        where TKey : notnull
    {
        var sum = new Dictionary<TKey, long>();
        foreach (var (key, count) in counts.SelectMany(some => some))
            sum[key] = sum.GetValueOrDefault(key) + count;
        return sum;
    }

    /// <summary>A quantile.</summary>
    /// <param name="bins">Counts by bin.</param>
    /// <param name="quantile">0 to 1.</param>
    /// <returns>Null where nothing was counted.</returns>
    public static double? Quantile(IReadOnlyDictionary<int, long> bins, double quantile)
    {
        var rank = quantile * (bins.Values.Sum() - 1);
        var passed = 0L;
        foreach (var (bin, count) in bins.OrderBy(bin => bin.Key))
        {
            passed += count;
            if (passed > rank)
                return ValueOf(bin);
        }

        return null;
    }

    /// <summary>How many lie in bins that stand for more than a value.</summary>
    public static long CountAbove(IReadOnlyDictionary<int, long> bins, double value) => bins.Where(bin => ValueOf(bin.Key) > value).Sum(bin => bin.Value);

    private static int Positive(double size) => (int)Math.Floor(Math.Log(size / Smallest) / LogOfGamma) + 1;
}
