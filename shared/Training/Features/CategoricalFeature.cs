using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>
/// One column of texts as indicators: one for each level seen in the training rows, then one for "missing" if that was seen.
/// Anything else sets none of them.
/// </summary>
public sealed record CategoricalFeature
{
    /// <summary>The column.</summary>
    public required string Name { get; init; }

    /// <summary>The texts seen in the training rows, sorted by ordinal.</summary>
    public required IReadOnlyList<string> Levels { get; init; }

    /// <summary>Whether a cell was missing in the training rows.</summary>
    public required bool HasMissing { get; init; }

    /// <summary>Number of indicators.</summary>
    public int Width => Levels.Count + (HasMissing ? 1 : 0);

    /// <summary>Every text with an indicator, in their order; the empty text stands for a missing cell, as in a request.</summary>
    internal IReadOnlyList<string> Keys => HasMissing ? [.. Levels, ""] : Levels;

    /// <summary>Fits a column of training rows.</summary>
    public static CategoricalFeature Fit(CategoricalColumn column)
    {
        var seen = new bool[column.Levels.Count];
        var missing = false;
        foreach (var code in column.Codes)
        {
            if (code < 0 || column.Levels[code].Length == 0)
                missing = true;
            else
                seen[code] = true;
        }
        return new CategoricalFeature
        {
            Name = column.Name,
            Levels = [.. column.Levels.Where((_, code) => seen[code])],
            HasMissing = missing,
        };
    }

    /// <summary>Sets the indicator of each row; the target holds zeros.</summary>
    internal void Encode(CategoricalColumn column, Span<float> target, int offset, int width)
    {
        var index = Keys.Select((key, at) => (key, at)).ToDictionary(pair => pair.key, pair => pair.at, StringComparer.Ordinal);
        var indicatorOf = column.Levels.Select(level => index.GetValueOrDefault(level, -1)).ToArray();
        var indicatorOfMissing = index.GetValueOrDefault("", -1);
        for (var row = 0; row < column.Count; row++)
        {
            var code = column.Codes[row];
            var indicator = code < 0 ? indicatorOfMissing : indicatorOf[code];
            if (indicator >= 0)
                target[(row * width) + offset + indicator] = 1;
        }
    }
}
