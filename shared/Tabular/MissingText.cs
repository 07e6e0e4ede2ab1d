namespace Mlops.Tabular;

/// <summary>Which cells say that a value is missing.</summary>
public static class MissingText
{
    private const int LongestText = 4;

    /// <summary>The texts that mean missing, whatever their case and the white space around them.</summary>
    public static IReadOnlyList<string> Texts { get; } = ["", "NA", "N/A", "NaN", "null", "?"];

    /// <summary>Whether a cell is missing.</summary>
    public static bool Is(ReadOnlySpan<char> cell)
    {
        var text = cell.Trim();
        if (text.Length > LongestText)
            return false;
        foreach (var missing in Texts)
            if (text.Equals(missing, StringComparison.OrdinalIgnoreCase))
                return true;
        return false;
    }
}
