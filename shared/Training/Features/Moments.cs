using Mlops.Contracts;

namespace Mlops.Training.Features;

/// <summary>A numeric column's values in the training rows, which is all that anything about it is fitted on.</summary>
/// <param name="Mean">Over the values that are there.</param>
/// <param name="Deviation">Population standard deviation; 1 where the column is constant, so that it may divide. Above 0.</param>
public sealed record Moments(double Mean, double Deviation)
{
    /// <summary>Fits values; NaN ones count as missing.</summary>
    /// <param name="name">The column, for messages.</param>
    /// <param name="values">Those of the training rows.</param>
    /// <exception cref="Fault">Every value is missing, or one does not fit a 32-bit float.</exception>
    public static Moments Fit(string name, ReadOnlySpan<double> values)
    {
        var (count, sum) = (0, 0.0);
        var (min, max) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values)
        {
            if (double.IsNaN(value))
                continue;
            if (!float.IsFinite((float)value))
                throw Fault.Invalid(name, FormattableString.Invariant($"{value} is too large; numbers from {float.MinValue} to {float.MaxValue} are accepted"));
            (count, sum) = (count + 1, sum + value);
            (min, max) = (Math.Min(min, value), Math.Max(max, value));
        }
        if (count == 0)
            throw Fault.Invalid(name, "every value in the training rows is missing; a column with values is accepted, or \"ignore\" under columns");

        var mean = sum / count;
        var squares = 0.0;
        foreach (var value in values)
            if (!double.IsNaN(value))
                squares += (value - mean) * (value - mean);
        var deviation = Math.Sqrt(squares / count);
        // Rounding leaves a constant column a deviation just above 0, and what a float cannot hold would divide by 0.
        return new Moments(mean, min == max || (float)deviation == 0 ? 1 : deviation);
    }
}
