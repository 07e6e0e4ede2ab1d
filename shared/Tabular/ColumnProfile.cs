namespace Mlops.Tabular;

/// <summary>What a column looks like.</summary>
public sealed record ColumnProfile
{
    private const int MostTop = 10;
    private const int LongestText = 100;

    /// <summary>The name in the header.</summary>
    public required string Name { get; init; }

    /// <summary>What it holds.</summary>
    public required ColumnType Type { get; init; }

    /// <summary>Rows with a value.</summary>
    public required int Count { get; init; }

    /// <summary>Rows without.</summary>
    public required int Missing { get; init; }

    /// <summary>Different values.</summary>
    public required int Distinct { get; init; }

    /// <summary>Whether all values are the same, so that it tells a model nothing.</summary>
    public bool IsConstant => Distinct <= 1;

    /// <summary>The commonest values, at most ten: by count, then in their own order. A text is cut after 100 characters.</summary>
    public required IReadOnlyList<ValueCount> Top { get; init; }

    /// <summary>For a numeric column with a value.</summary>
    public NumberProfile? Numbers { get; init; }

    /// <summary>The profile of a column.</summary>
    public static ColumnProfile Of(Column column) => column is NumericColumn numbers ? Of(numbers) : Of((CategoricalColumn)column);

    private static ColumnProfile Of(NumericColumn column)
    {
        var sorted = NumberProfile.Sorted(column.Values);
        var runs = new List<(double Value, int Count)>();
        foreach (var value in sorted)
            if (runs.Count > 0 && runs[^1].Value == value)
                runs[^1] = (value, runs[^1].Count + 1);
            else
                runs.Add((value, 1));
        return new ColumnProfile
        {
            Name = column.Name,
            Type = column.Type,
            Count = sorted.Length,
            Missing = column.Count - sorted.Length,
            Distinct = runs.Count,
            Top = Commonest(runs, NumberText.Of),
            Numbers = sorted.Length > 0 ? NumberProfile.Of(sorted) : null,
        };
    }

    private static ColumnProfile Of(CategoricalColumn column)
    {
        var counts = new int[column.Levels.Count];
        foreach (var code in column.Codes)
            if (code >= 0)
                counts[code]++;
        var values = column.Levels.Zip(counts).Where(level => level.Second > 0).ToList();
        return new ColumnProfile
        {
            Name = column.Name,
            Type = column.Type,
            Count = counts.Sum(),
            Missing = column.Count - counts.Sum(),
            Distinct = values.Count,
            Top = Commonest(values, text => text.Length > LongestText ? $"{text.AsSpan(0, LongestText)}…" : text),
        };
    }

    // Sorting is stable: among equals the values' own order stays.
    private static ValueCount[] Commonest<T>(IEnumerable<(T Value, int Count)> values, Func<T, string> textOf) =>
        [.. values.OrderByDescending(value => value.Count).Take(MostTop).Select(value => new ValueCount(textOf(value.Value), value.Count))];
}

/// <summary>How often a value occurs.</summary>
/// <param name="Value">Its text.</param>
/// <param name="Count">Rows.</param>
public sealed record ValueCount(string Value, int Count);
