namespace Mlops.Tabular;

/// <summary>What a table looks like: what a person wants to see before training, and drift is measured against after.</summary>
public sealed record TableProfile
{
    /// <summary>Number of rows.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows that equal an earlier row in every column.</summary>
    public required int DuplicateRows { get; init; }

    /// <summary>In the order of the header.</summary>
    public required IReadOnlyList<ColumnProfile> Columns { get; init; }

    /// <summary>Rows of each class, in the order of the classes; empty where no classification is asked for.</summary>
    public IReadOnlyList<ClassShare> Classes { get; init; } = [];

    /// <summary>The profile of a table.</summary>
    /// <param name="table">All rows of it.</param>
    /// <param name="classTarget">The target of a classification, if there is one.</param>
    public static TableProfile Of(Table table, string? classTarget = null) => new()
    {
        Rows = table.Rows,
        DuplicateRows = DuplicatesIn(table),
        Columns = [.. table.Columns.Select(ColumnProfile.Of)],
        Classes = classTarget is null ? [] : SharesIn(ClassTarget.Of(table[classTarget])),
    };

    private static ClassShare[] SharesIn(ClassTarget target)
    {
        var counts = target.Counts();
        double all = counts.Sum();
        return [.. target.Classes.Select((name, i) => new ClassShare(name, counts[i], counts[i] / all))];
    }

    private static int DuplicatesIn(Table table)
    {
        var seen = new HashSet<int>(table.Rows, new SameRow(table));
        return Enumerable.Range(0, table.Rows).Count(row => !seen.Add(row));
    }

    private sealed class SameRow(Table table) : IEqualityComparer<int>
    {
        public bool Equals(int x, int y) => table.Columns.All(column => column switch
        {
            NumericColumn numbers => numbers.Values[x].Equals(numbers.Values[y]),
            CategoricalColumn texts => texts.Codes[x] == texts.Codes[y],
            _ => false,
        });

        public int GetHashCode(int row)
        {
            var hash = new HashCode();
            foreach (var column in table.Columns)
                hash.Add(column is NumericColumn numbers ? numbers.Values[row].GetHashCode() : ((CategoricalColumn)column).Codes[row]);
            return hash.ToHashCode();
        }
    }
}

/// <summary>How often a class occurs.</summary>
/// <param name="Class">Its text.</param>
/// <param name="Count">Rows.</param>
/// <param name="Share">Of the rows that have a class, from 0 to 1.</param>
public sealed record ClassShare(string Class, int Count, double Share);
