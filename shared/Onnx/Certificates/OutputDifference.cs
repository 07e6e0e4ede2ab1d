namespace Mlops.Onnx.Certificates;

/// <summary>How far numbers are from those that they should be.</summary>
/// <param name="Absolute">The largest |a − b|, where a is expected.</param>
/// <param name="Relative">The largest |a − b| ÷ |a| over the elements with |a| of at least <see cref="RelativeFrom"/>; 0 where there are none.</param>
/// <param name="Scaled">
/// The largest |a − b| ÷ max(1, |a|): absolute for probabilities and small values, relative for large ones, whose 32-bit floats
/// are themselves far apart. This is what a tolerance bounds.
/// </param>
public readonly record struct OutputDifference(double Absolute, double Relative, double Scaled)
{
    /// <summary>Magnitude below which a relative difference says nothing: it is the rounding of sums of larger numbers.</summary>
    public const double RelativeFrom = 1e-3;

    private static readonly OutputDifference Infinite = new(double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);

    /// <summary>The larger of both, each by itself.</summary>
    public OutputDifference Or(OutputDifference other) =>
        new(Math.Max(Absolute, other.Absolute), Math.Max(Relative, other.Relative), Math.Max(Scaled, other.Scaled));

    /// <summary>The largest differences over all elements. Not a number, on whichever side, is a difference, and the largest there can be.</summary>
    public static OutputDifference Between(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Length, expected.Length);
        var largest = default(OutputDifference);
        for (var i = 0; i < expected.Length; i++)
            largest = largest.Or(Between(expected[i], actual[i]));
        return largest;
    }

    /// <summary>The difference of two numbers, by the same rules.</summary>
    public static OutputDifference Between(double expected, double actual)
    {
        if (double.IsNaN(expected) || double.IsNaN(actual) || (double.IsInfinity(expected) && expected != actual))
            return Infinite;
        if (expected == actual)
            return default;
        var (difference, magnitude) = (Math.Abs(expected - actual), Math.Abs(expected));
        return new OutputDifference(difference, magnitude >= RelativeFrom ? difference / magnitude : 0, difference / Math.Max(1, magnitude));
    }
}
