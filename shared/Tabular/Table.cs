using Mlops.Contracts;

namespace Mlops.Tabular;

/// <summary>Typed columns of equal length.</summary>
public sealed class Table : IRows
{
    private readonly Dictionary<string, Column> _byName;

    /// <summary>A table of the given columns.</summary>
    /// <param name="columns">At least one; unique names; equal lengths.</param>
    /// <param name="ignored">Names of columns in the file that were not read; none unless given.</param>
    public Table(IReadOnlyList<Column> columns, IReadOnlyList<string>? ignored = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(columns.Count);
        if (columns.Any(column => column.Count != columns[0].Count))
            throw new ArgumentException("columns differ in length", nameof(columns));
        Columns = columns;
        Ignored = ignored ?? [];
        _byName = columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
    }

    /// <summary>In the order of the header.</summary>
    public IReadOnlyList<Column> Columns { get; }

    /// <summary>Columns of the file that were not read, by wish of the spec.</summary>
    public IReadOnlyList<string> Ignored { get; }

    /// <summary>Number of rows.</summary>
    public int Rows => Columns[0].Count;

    /// <inheritdoc/>
    public IReadOnlyList<ColumnSchema> Schema => [.. Columns.Select(column => new ColumnSchema(column.Name, column.Type))];

    /// <inheritdoc/>
    public long MemoryBytes => Columns.Sum(column => (long)column.Count * CellBytes(column.Type));

    /// <summary>The column of that name.</summary>
    /// <exception cref="Fault">There is none.</exception>
    public Column this[string name] => _byName.TryGetValue(name, out var column)
        ? column
        : throw Fault.Invalid(name, $"there is no such column; there are {string.Join(", ", _byName.Keys)}");

    /// <inheritdoc/>
    public IEnumerable<Table> Blocks(int mostRows)
    {
        if (Rows <= mostRows)
        {
            yield return this;
            yield break;
        }
        for (var start = 0; start < Rows; start += mostRows)
            yield return Select([.. Enumerable.Range(start, Math.Min(mostRows, Rows - start))]);
    }

    /// <summary>Bytes of memory that a cell takes, without the texts that codes stand for.</summary>
    public static int CellBytes(ColumnType type) => type == ColumnType.Numeric ? sizeof(double) : sizeof(int);

    /// <summary>A table of the given rows, in the given order.</summary>
    public Table Select(ReadOnlySpan<int> rows)
    {
        var columns = new List<Column>(Columns.Count);
        foreach (var column in Columns)
            columns.Add(column.Select(rows));
        return new Table(columns, Ignored);
    }
}
