using System.Text;

namespace Mlops.Tabular;

/// <summary>Text out of a file as a message may show it: short, on one line, and printable.</summary>
internal static class Quoted
{
    private const int Longest = 40;

    public static string Text(ReadOnlySpan<char> text)
    {
        var shown = new StringBuilder("'");
        foreach (var character in text[..Math.Min(text.Length, Longest)])
            _ = char.IsControl(character) || character == CsvDialect.NotUtf8
                ? shown.Append($"\\u{(int)character:x4}")
                : shown.Append(character);
        return shown.Append(text.Length > Longest ? "…'" : "'").ToString();
    }

    /// <summary>Names in a row, cut where they become too many to read.</summary>
    public static string List(IReadOnlyCollection<string> names, int most = 50) =>
        string.Join(", ", names.Take(most)) + (names.Count > most ? $" … ({names.Count} in all)" : "");
}
