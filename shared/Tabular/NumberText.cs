using System.Globalization;

namespace Mlops.Tabular;

/// <summary>How numbers stand in a file, and in what we say about them.</summary>
internal static class NumberText
{
    /// <summary>A finite number in invariant notation: digits, '.', a sign, an exponent; white space around it.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number);

    /// <summary>The shortest text that reads as the same number; "3", not "3.0".</summary>
    public static string Of(double number) => number.ToString(CultureInfo.InvariantCulture);
}
