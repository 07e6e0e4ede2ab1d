using MathNet.Numerics.Distributions;

namespace Mlops.Monitoring;

/// <summary>What chance explains. What is told here is wrong in one case of a thousand.</summary>
public static class Chance
{
    private const double OneInAThousand = 0.001;

    /// <summary>
    /// The share that lies behind what was counted is at least this: the lower end of the exact interval (Clopper, Pearson: "The use of
    /// confidence or fiducial limits illustrated in the case of the binomial", Biometrika 1934).
    /// </summary>
    /// <param name="count">0 to <paramref name="of"/>.</param>
    /// <param name="of">0 and above.</param>
    /// <param name="error">Share of the cases in which it is wrong.</param>
    public static double LowerShare(long count, long of, double error = OneInAThousand) => count == 0 ? 0 : Beta.InvCDF(count, of - count + 1, error);

    /// <summary>χ² is at most this.</summary>
    /// <param name="degrees">Degrees of freedom, 1 and above.</param>
    public static double ChiSquareUpper(int degrees) => ChiSquared.InvCDF(degrees, 1 - OneInAThousand);
}
