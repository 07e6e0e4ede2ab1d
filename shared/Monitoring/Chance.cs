namespace Mlops.Monitoring;

/// <summary>What chance explains.</summary>
public static class Chance
{
    /// <summary>The standard normal distribution's quantile of 0.999.</summary>
    private const double OneInAThousand = 3.0902323;

    /// <summary>
    /// The share that lies behind what was counted is at least this, but for one case in a thousand: the lower end of Wilson's score
    /// interval (Wilson: "Probable inference, the law of succession, and statistical inference", JASA 1927).
    /// </summary>
    /// <param name="count">0 to <paramref name="of"/>.</param>
    /// <param name="of">0 and above.</param>
    /// <param name="z">Quantile of the standard normal distribution.</param>
    public static double LowerShare(long count, long of, double z = OneInAThousand)
    {
        if (of == 0)
            return 0;
        var (share, squared) = ((double)count / of, z * z);
        var (middle, half) = (share + (squared / (2 * of)), z * Math.Sqrt(((share * (1 - share)) + (squared / (4 * of))) / of));
        return Math.Max(0, (middle - half) / (1 + (squared / of)));
    }

    /// <summary>χ²'s quantile of 0.999 (Wilson, Hilferty: "The distribution of chi-square", PNAS 1931).</summary>
    /// <param name="degrees">Degrees of freedom, 1 and above.</param>
    public static double ChiSquareUpper(int degrees)
    {
        var ninth = 2.0 / (9 * degrees);
        return degrees * Math.Pow(1 - ninth + (OneInAThousand * Math.Sqrt(ninth)), 3);
    }
}
