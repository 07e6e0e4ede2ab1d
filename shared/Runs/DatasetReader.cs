using System.Text.Json;
using Mlops.Artifacts;
using Mlops.Contracts.Spec;
using Mlops.Registry.Facts;
using Mlops.Tabular;

namespace Mlops.Runs;

/// <summary>Reads a stored data set version as a spec wants it.</summary>
public static class DatasetReader
{
    /// <summary>The columns typed as the registered schema says, unless the spec says otherwise.</summary>
    /// <exception cref="Contracts.Fault">The artifact is missing or damaged, or a value does not fit the spec's type.</exception>
    public static async Task<Table> ReadAsync(IArtifactStore artifacts, DatasetVersion dataset, PipelineSpec spec, CancellationToken cancellationToken)
    {
        await using var content = await artifacts.OpenAsync(ContentDigest.Parse(dataset.Digest), cancellationToken);
        return await CsvTable.ReadAsync(content, OptionsOf(dataset, spec), cancellationToken);
    }

    /// <summary>The same columns on a disk: some rows are in memory at a time.</summary>
    /// <inheritdoc cref="ReadAsync"/>
    internal static async Task<StoredTable> StoreAsync(IArtifactStore artifacts, DatasetVersion dataset, PipelineSpec spec, string folder, CancellationToken cancellationToken)
    {
        var options = OptionsOf(dataset, spec);
        await using var content = await artifacts.OpenAsync(ContentDigest.Parse(dataset.Digest), cancellationToken);
        var blocks = CsvTable.ReadBlocksAsync(content, options, StoredTable.BlockRowsFor(options.Columns.Count), cancellationToken);
        return await StoredTable.WriteAsync(blocks, folder, cancellationToken);
    }

    // Every column is in the schema, and so declared.
    private static CsvOptions OptionsOf(DatasetVersion dataset, PipelineSpec spec)
    {
        var registered = CsvOptions.For(JsonSerializer.Deserialize<TableSchema>(dataset.Schema, SpecJson.Canonical)!);
        var columns = registered.Columns.ToDictionary(StringComparer.Ordinal);
        foreach (var (name, use) in CsvOptions.For(spec).Columns)
            columns[name] = use;
        return registered with { Columns = columns, MaxBytes = long.MaxValue };
    }
}
