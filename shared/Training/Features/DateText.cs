using System.Globalization;
using System.Text.RegularExpressions;

namespace Mlops.Training.Features;

/// <summary>
/// A date as ISO 8601 writes it, with or without a time of day; a time zone is not looked at. What counts are the first
/// numbers of the text, of up to four digits each: year, month, day, hour, minute.
/// </summary>
/// <param name="Days">From 1970-01-01, in the proleptic Gregorian calendar.</param>
/// <param name="Month">1 to 12.</param>
/// <param name="Day">1 to 31.</param>
/// <param name="Hour">0 to 23.</param>
/// <param name="Minute">0 to 59.</param>
internal readonly partial record struct DateText(long Days, int Month, int Day, int Hour, int Minute)
{
    public const int FirstYear = 1_000, LastYear = 9_999;

    /// <summary>0 for Sunday, as 1970-01-01 was a Thursday.</summary>
    public int Weekday => (int)((((Days + 4) % 7) + 7) % 7);

    /// <summary>Days from 1970-01-01 with the time of day as a fraction.</summary>
    public float Moment => Days + (((Hour * 60) + Minute) / 1440f);

    /// <summary>Whether a text is written as ISO 8601 writes dates, and is one.</summary>
    public static bool IsIso(string text) =>
        Iso().IsMatch(text) && DateOnly.TryParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) && date.Year >= FirstYear;

    /// <summary>Reads a text; null where it holds no date.</summary>
    public static DateText? Read(string text)
    {
        Span<int> numbers = [-1, -1, -1, -1, -1];
        var count = 0;
        foreach (var match in Number().EnumerateMatches(text))
        {
            numbers[count++] = int.Parse(text.AsSpan(match.Index, match.Length), CultureInfo.InvariantCulture);
            if (count == numbers.Length)
                break;
        }
        var (year, month, day) = (numbers[0], numbers[1], numbers[2]);
        if (year < FirstYear || month is < 1 or > 12 || day is < 1 or > 31)
            return null;
        return new DateText(DaysOf(year, month, day), month, day, Math.Clamp(numbers[3], 0, 23), Math.Clamp(numbers[4], 0, 59));
    }

    // The year begins in March, so that the day that some years have more is its last (Hinnant, "chrono-Compatible Low-Level Date Algorithms").
    private static long DaysOf(int year, int month, int day)
    {
        year -= month <= 2 ? 1 : 0;
        var dayOfYear = (((153 * (month + (month > 2 ? -3 : 9))) + 2) / 5) + day - 1;
        return (365L * year) + (year / 4) - (year / 100) + (year / 400) + dayOfYear - 719_468;
    }

    [GeneratedRegex("[0-9]{1,4}")]
    private static partial Regex Number();

    [GeneratedRegex("""^[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?)?( ?(Z|[+-][0-9]{2}(:?[0-9]{2})?))?\z""")]
    private static partial Regex Iso();
}
