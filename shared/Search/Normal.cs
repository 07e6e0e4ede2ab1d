namespace Mlops.Search;

/// <summary>The normal distribution of mean 0 and variance 1.</summary>
internal static class Normal
{
    private static readonly double RootOf2Pi = Math.Sqrt(2 * Math.PI);

    public static double Density(double x) => Math.Exp(-x * x / 2) / RootOf2Pi;

    /// <summary>The probability of what lies between two numbers.</summary>
    public static double Between(double from, double to) => AboveMean(to) - AboveMean(from);

    /// <summary>
    /// The probability of what lies between 0 and x, negative below 0: the series φ(x)·(x + x³/3 + x⁵/15 + …), whose terms all
    /// have one sign (Abramowitz and Stegun, 26.2.11). To the last bits; nothing is left beyond 9.
    /// </summary>
    private static double AboveMean(double x)
    {
        if (Math.Abs(x) > 9)
            return 0.5 * Math.Sign(x);
        var (sum, term) = (x, x);
        for (var odd = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); odd += 2)
            sum += term *= x * x / odd;
        return Density(x) * sum;
    }
}
