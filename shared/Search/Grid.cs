using System.Text.Json;
using Mlops.Contracts.Spec;

namespace Mlops.Search;

/// <summary>Every combination once: settings by the names of their places, the last one changing first.</summary>
internal static class Grid
{
    /// <param name="space">Without a range that has no end of settings.</param>
    /// <param name="number">From 1.</param>
    public static IReadOnlyDictionary<string, JsonElement> At(IReadOnlyDictionary<string, RangeSpec> space, int number)
    {
        var rest = number - 1;
        var settings = new SortedDictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var (path, range) in space.Reverse())
        {
            var values = ValuesOf(range);
            settings[path] = values[rest % values.Count];
            rest /= values.Count;
        }
        return settings;
    }

    private static IReadOnlyList<JsonElement> ValuesOf(RangeSpec range) => range is NumberRangeSpec numbers ? [.. numbers.Grid.Select(numbers.Setting)] : ((ChoiceSpec)range).Values;
}
