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

    /// <summary>The texts that enough rows have.</summary>
    public IEnumerable<string> Common(int minCount) => Levels.Where(level => level.Count >= minCount).Select(level => level.Text);

    /// <summary>A number for each row, in no particular order; NaN for those without a text.</summary>
    public double[] NumbersOf(Func<string, double> number) =>
        [.. Levels.SelectMany(level => Enumerable.Repeat(number(level.Text), level.Count)), .. Enumerable.Repeat(double.NaN, Missing)];

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
