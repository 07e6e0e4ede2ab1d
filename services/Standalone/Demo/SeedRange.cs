using System.Diagnostics.CodeAnalysis;

namespace Mlops.Standalone.Demo;

/// <summary>Seeds from the first to the last, both included.</summary>
internal sealed record SeedRange(int First, int Last)
{
    public const int MaxCount = 100;

    public IEnumerable<int> All => Enumerable.Range(First, Last - First + 1);

    /// <summary>Reads <c>7</c> or <c>1-5</c>.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SeedRange? range)
    {
        range = null;
        var parts = text.Split('-');
        if (parts.Length > 2 || !int.TryParse(parts[0], out var first) || !int.TryParse(parts[^1], out var last))
            return false;
        if (first < 0 || last < first || last - first >= MaxCount)
            return false;
        range = new SeedRange(first, last);
        return true;
    }
}
