using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>What a data set version would take of memory, by what the registry knows of it.</summary>
internal static class DatasetSize
{
    // A text in memory beside its signs, and its place among the others.
    private const int TextBytes = 64;

    /// <summary>Bytes of its columns, about: cells, and each different text once, of which the file tells how long they are together at most.</summary>
    public static long EstimateOf(DatasetVersion dataset)
    {
        var profile = JsonSerializer.Deserialize<TableProfile>(dataset.Profile, SpecJson.Canonical)!;
        return profile.Columns.Sum(column => (dataset.Rows * Table.CellBytes(column.Type)) + (column.Type == ColumnType.Categorical ? TextsOf(column, dataset) : 0));
    }

    private static long TextsOf(ColumnProfile column, DatasetVersion dataset) =>
        (column.Distinct * (long)TextBytes) + (long)((double)column.Distinct / dataset.Rows * dataset.Bytes * sizeof(char));
}
