using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>Which columns a model sees.</summary>
public static class FeatureColumns
{
    /// <summary>
    /// The columns that are neither target nor ignored, in the order of the header. A column by which folds are made is none
    /// either: a group that was held out, or a time to come, is a value that no training has seen.
    /// </summary>
    public static IReadOnlyList<Column> Of(PipelineSpec spec, Table table) =>
    [
        .. table.Columns.Where(column =>
            !spec.Target.Contains(column.Name) && spec.Columns.GetValueOrDefault(column.Name) != ColumnUse.Ignore && column.Name != spec.CrossValidation?.Column),
    ];
}
