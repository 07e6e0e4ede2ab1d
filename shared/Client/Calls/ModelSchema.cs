using System.Collections.Concurrent;
using Mlops.Client.Mapping;

namespace Mlops.Client.Calls;

/// <summary>What a model takes and gives, with the mappings that were compiled for it.</summary>
internal sealed class ModelSchema
{
    private readonly ConcurrentDictionary<Type, object> _rows, _results;
    private readonly ConcurrentDictionary<string, bool> _versions;
    private readonly IReadOnlyList<string> _configuredColumns;

    /// <param name="metadata">As the server tells it now.</param>
    /// <param name="configuredColumns">The columns of the one input, as the options tell them; empty if they do not.</param>
    /// <param name="known">What was known before: mappings outlive versions that take and give the same.</param>
    public ModelSchema(ModelMetadata metadata, IReadOnlyList<string> configuredColumns, ModelSchema? known)
    {
        Metadata = metadata;
        _configuredColumns = configuredColumns;
        (_rows, _results, _versions) = known?.IsSameAs(metadata) == true ? (known._rows, known._results, known._versions) : (new(), new(), new());
        foreach (var version in metadata.Versions)
            _versions[version] = true;
    }

    public ModelMetadata Metadata { get; }

    public RowMapping<TRow> Rows<TRow>() => (RowMapping<TRow>)_rows.GetOrAdd(typeof(TRow), static (_, schema) => RowMappings.Make<TRow>(schema.Metadata, schema._configuredColumns), this);

    public ResultMapping<TResult> Results<TResult>() => (ResultMapping<TResult>)_results.GetOrAdd(typeof(TResult), static (_, schema) => ResultMappings.Make<TResult>(schema.Metadata), this);

    public bool IsSameAs(ModelMetadata other) => AreSame(Metadata.Inputs, other.Inputs) && AreSame(Metadata.Outputs, other.Outputs);

    /// <summary>
    /// Whether a version's answer to rows that were mapped by this can be believed. A server checks names, types and shapes; only the order
    /// of the columns within one tensor it cannot check, so that a version which was trained on another order would answer nonsense.
    /// </summary>
    public bool Speaks(string version) => version.Length == 0 || _versions.IsEmpty || Metadata.Inputs.All(input => input.Columns.Count < 2) || _versions.ContainsKey(version);

    private static bool AreSame(IReadOnlyList<TensorMetadata> these, IReadOnlyList<TensorMetadata> those) =>
        these.Count == those.Count && these.Zip(those).All(pair => pair.First.IsSameAs(pair.Second));
}
