using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>How a CSV file is read, and how large it may be. The bounds keep the memory that a caller can make us use in hand.</summary>
public sealed record CsvOptions
{
    /// <summary>Columns whose type is not to be inferred, by name. A name that is not in the file is passed over.</summary>
    public IReadOnlyDictionary<string, ColumnUse> Columns { get; init; } = new Dictionary<string, ColumnUse>();

    /// <summary>Bytes in the file, at most.</summary>
    public long MaxBytes { get; init; } = 512L << 20;

    /// <summary>Columns, at most.</summary>
    public int MaxColumns { get; init; } = 10_000;

    /// <summary>Characters in a record with its quotes and line end, at most; at least 256.</summary>
    public int MaxRecordLength { get; init; } = 1 << 20;

    /// <summary>Characters in a field, at most.</summary>
    public int MaxFieldLength { get; init; } = 1 << 16;

    /// <summary>Different texts in all columns together, at most; numbers of a numeric column do not count.</summary>
    public int MaxDistinctTexts { get; init; } = 4_000_000;

    /// <summary>As a pipeline wants its data: the spec's columns, and the target of a classification as texts, even if they are digits.</summary>
    public static CsvOptions For(PipelineSpec spec)
    {
        var columns = spec.Columns.ToDictionary(StringComparer.Ordinal);
        if (spec.Task == Contracts.TaskKind.Classification)
            columns[spec.Target[0]] = ColumnUse.Categorical;
        return new CsvOptions { Columns = columns };
    }

    /// <summary>As a table of this schema was read: the same file gives the same table.</summary>
    public static CsvOptions For(TableSchema schema)
    {
        var columns = schema.Columns.ToDictionary(
            column => column.Name,
            column => column.Type == ColumnType.Numeric ? ColumnUse.Numeric : ColumnUse.Categorical,
            StringComparer.Ordinal);
        foreach (var name in schema.Ignored)
            columns[name] = ColumnUse.Ignore;
        return new CsvOptions { Columns = columns };
    }
}
