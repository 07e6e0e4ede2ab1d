namespace Mlops.Training.Features;

/// <summary>
/// A number's rank among the training rows, from 0 to 1: linear between quantiles at even distances, as scikit-learn's
/// QuantileTransformer has it. A value that several quantiles share has the middle of their ranks, but the smallest 0 and the
/// largest 1, and what is further out ranks like these.
/// </summary>
internal sealed record Quantiles
{
    private const int Most = 100;

    /// <summary>The different quantiles, ascending; one at least.</summary>
    public required IReadOnlyList<float> Knots { get; init; }

    /// <summary>
    /// The rank at the place 2i, which is the knot i, and just after place 2i + 1, which is between the knots i and i + 1.
    /// </summary>
    public required IReadOnlyList<float> Ranks { get; init; }

    /// <summary>How much the rank grows for a step of 1 at each of these places.</summary>
    public required IReadOnlyList<float> Slopes { get; init; }

    /// <summary>Fits the values of the training rows.</summary>
    /// <param name="sorted">Ascending, one at least.</param>
    public static Quantiles Fit(ReadOnlySpan<double> sorted)
    {
        var count = Math.Clamp(sorted.Length, 2, Most);
        var knots = new List<(float Value, double First, double Last)>();
        for (var index = 0; index < count; index++)
        {
            var rank = index / (count - 1.0);
            var value = (float)At(sorted, rank);
            if (knots.Count > 0 && knots[^1].Value == value)
                knots[^1] = knots[^1] with { Last = rank };
            else
                knots.Add((value, rank, rank));
        }
        return Between(knots);
    }

    /// <summary>The value below which a share of sorted values lies, linear between two of them.</summary>
    /// <param name="sorted">Ascending, one at least.</param>
    /// <param name="share">From 0 to 1.</param>
    public static double At(ReadOnlySpan<double> sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below + 1 == sorted.Length ? sorted[below] : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }

    /// <summary>The rank of a value.</summary>
    public float RankOf(float value)
    {
        value = Math.Clamp(value, Knots[0], Knots[^1]);
        var place = -1;
        foreach (var knot in Knots)
            place += (value >= knot ? 1 : 0) + (value > knot ? 1 : 0);
        return Ranks[place] + ((value - Knots[place / 2]) * Slopes[place]);
    }

    private static Quantiles Between(List<(float Value, double First, double Last)> knots)
    {
        var (ranks, slopes) = (new List<float>(), new List<float>());
        foreach (var (index, knot) in knots.Index())
        {
            ranks.Add(index == 0 ? 0 : index == knots.Count - 1 ? 1 : (float)((knot.First + knot.Last) / 2));
            slopes.Add(0);
            if (index == knots.Count - 1)
                break;
            var next = knots[index + 1];
            ranks.Add((float)knot.Last);
            slopes.Add((float)((next.First - knot.Last) / ((double)next.Value - knot.Value)));
        }
        return new Quantiles { Knots = [.. knots.Select(knot => knot.Value)], Ranks = ranks, Slopes = slopes };
    }
}
