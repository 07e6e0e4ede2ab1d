namespace Mlops.Tabular;

/// <summary>Names and types of a table's columns, as the registry keeps them.</summary>
/// <param name="Columns">In the order of the header.</param>
public sealed record TableSchema(IReadOnlyList<ColumnSchema> Columns)
{
    /// <summary>Columns of the file that were not read, by wish of the spec.</summary>
    public IReadOnlyList<string> Ignored { get; init; } = [];

    /// <summary>The schema of a table.</summary>
    public static TableSchema Of(Table table) =>
        new(table.Schema) { Ignored = table.Ignored };
}

/// <summary>Name and type of a column.</summary>
/// <param name="Name">The name in the header.</param>
/// <param name="Type">What it holds.</param>
public sealed record ColumnSchema(string Name, ColumnType Type);
