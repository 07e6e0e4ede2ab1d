using System.Globalization;
using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Governance;

/// <summary>
/// Reads values of routes and queries. They are bound as text, because a failed binding of the framework would say
/// neither which parameter is wrong nor what is accepted.
/// </summary>
internal static class RequestValues
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 500;

    public const string LimitRule = "How many at most: 1 to 500, 50 unless given.";

    public static int Limit(string? text) => (int)Whole("limit", text, DefaultLimit, 1, MaxLimit);

    public static int Version(string text) => (int)Whole("version", text, 0, 1, int.MaxValue);

    public static long Whole(string field, string? text, long otherwise, long min, long max)
    {
        if (text is null)
            return otherwise;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw Fault.Invalid(field, $"'{Shorten(text)}' is not accepted; a whole number from {min} to {max} is");
    }

    public static Guid Id(string field, string text) =>
        Guid.TryParseExact(text, "D", out var id)
            ? id
            : throw Fault.Invalid(field, $"'{Shorten(text)}' is not an id; a UUID such as 01990000-0000-7000-8000-000000000000 is accepted");

    public static Guid? OptionalId(string field, string? text) => text is null ? null : Id(field, text);

    public static T Choice<T>(string field, string? text, T otherwise)
        where T : struct, Enum
        => OptionalChoice<T>(field, text) ?? otherwise;

    public static T? OptionalChoice<T>(string field, string? text)
        where T : struct, Enum
    {
        if (text is null)
            return null;
        foreach (var choice in Enum.GetValues<T>())
        {
            if (SpecJson.NameOf(choice) == text)
                return choice;
        }
        throw Fault.Invalid(field, $"'{Shorten(text)}' is not accepted; one of {string.Join(", ", Enum.GetValues<T>().Select(SpecJson.NameOf))} is");
    }

    public static string Shorten(string text) => text.Length > 80 ? text[..80] + "…" : text;
}
