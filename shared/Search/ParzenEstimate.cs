using Mlops.Tabular;

namespace Mlops.Search;

/// <summary>
/// The adaptive Parzen estimator of Bergstra et al. (2011): a normal distribution about each position that was found and, as a
/// prior, one about the middle as wide as the range, all of the same weight and cut off at the ends. Each is as wide as it is
/// far to the farther of its two neighbours, the prior's middle among them, within bounds: at most the range, at least the
/// range divided by the number of distributions and one more, or by 100.
/// </summary>
internal sealed class ParzenEstimate : IEstimate
{
    private readonly (double Mean, double Width, double Within)[] _parts;
    private readonly double _low;
    private readonly double _high;
    private readonly Func<double, (double From, double To)>? _cellOf;
    private readonly Func<double, double> _nearest;

    /// <param name="positions">Those that were found.</param>
    /// <param name="low">Where the range begins.</param>
    /// <param name="high">Where it ends.</param>
    /// <param name="cellOf">What a position stands for where not all are accepted; null where all are.</param>
    /// <param name="nearest">The accepted position that is nearest.</param>
    public ParzenEstimate(IReadOnlyList<double> positions, double low, double high, Func<double, (double From, double To)>? cellOf, Func<double, double> nearest)
    {
        (_low, _high, _cellOf, _nearest) = (low, high, cellOf, nearest);
        var (middle, range) = ((low + high) / 2, high - low);
        var sorted = positions.Append(middle).Order().ToArray();
        var narrowest = range / Math.Min(100, sorted.Length + 1);
        double WidthAt(int place)
        {
            var left = place > 0 ? sorted[place] - sorted[place - 1] : 0;
            var right = place < sorted.Length - 1 ? sorted[place + 1] - sorted[place] : 0;
            return Math.Clamp(Math.Max(left, right), narrowest, range);
        }
        // Of several at the prior's middle any may be called the prior.
        var prior = Array.IndexOf(sorted, middle);
        _parts = [.. sorted.Select((mean, place) => Part(mean, place == prior ? range : WidthAt(place), low, high))];
    }

    public double Draw(SeededRandom random)
    {
        var (mean, width, _) = _parts[random.NextInt(_parts.Length)];
        while (true)
            if (mean + (width * random.NextGaussian()) is var position && position >= _low && position <= _high)
                return _nearest(position);
    }

    public double LogDensity(double position)
    {
        var sum = 0.0;
        foreach (var (mean, width, within) in _parts)
            sum += DensityOf(position, mean, width) / within;
        return Math.Log(sum / _parts.Length);
    }

    private static (double Mean, double Width, double Within) Part(double mean, double width, double low, double high) =>
        (mean, width, Normal.Between((low - mean) / width, (high - mean) / width));

    private double DensityOf(double position, double mean, double width)
    {
        if (_cellOf is null)
            return Normal.Density((position - mean) / width) / width;
        var (from, to) = _cellOf(position);
        return Normal.Between((Math.Max(from, _low) - mean) / width, (Math.Min(to, _high) - mean) / width);
    }
}
