using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>Which columns a model sees.</summary>
public static class FeatureColumns
{
    /// <summary>
    /// The columns that are neither target nor ignored, in the order of the header. One by which rows are dealt is none either:
    /// a group that was held out, or a time to come, is a value that no training has seen.
    /// </summary>
    public static IReadOnlyList<Column> Of(PipelineSpec spec, Table table) => [.. table.Columns.Where(column => IsFeature(spec, column.Name))];

    /// <summary>The same columns of rows that need not be in memory, by name and type.</summary>
    public static IReadOnlyList<ColumnSchema> SchemaOf(PipelineSpec spec, IRows rows) => [.. rows.Schema.Where(column => IsFeature(spec, column.Name))];

    private static bool IsFeature(PipelineSpec spec, string name) =>
        !spec.Target.Contains(name) && spec.Columns.GetValueOrDefault(name) != ColumnUse.Ignore && spec.DealtBy.All(column => column.Name != name);
}
