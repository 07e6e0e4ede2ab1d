using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>What the training rows of a column of texts hold.</summary>
internal sealed record TrainingLevels
{
    /// <summary>The column.</summary>
    public required string Name { get; init; }

    /// <summary>The texts that occur, sorted by ordinal, with the number of rows that have them.</summary>
    public required IReadOnlyList<(string Text, int Count)> Levels { get; init; }

    /// <summary>Rows without a text.</summary>
    public required int Missing { get; init; }

    /// <summary>Rows with one.</summary>
    public int Count => Levels.Sum(level => level.Count);

    public static TrainingLevels Of(CategoricalColumn column)
    {
        var counts = new int[column.Levels.Count];
        foreach (var code in column.Codes)
            if (code >= 0)
                counts[code]++;
        var levels = column.Levels.Zip(counts).Where(level => level.Second > 0 && level.First.Length > 0).ToList();
        return new TrainingLevels { Name = column.Name, Levels = levels, Missing = column.Count - levels.Sum(level => level.Second) };
    }
}
