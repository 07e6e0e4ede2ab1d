namespace Mlops.Contracts.Spec;

/// <summary>A column by which rows are dealt to parts or folds. It is no feature: what was held out is a value that no training has seen.</summary>
/// <param name="Field">Where the spec names it, such as <c>split.group</c>.</param>
/// <param name="Name">The column's name.</param>
public sealed record DealingColumn(string Field, string Name)
{
    internal static DealingColumn? Of(string part, string? group, string? time) => (group, time) switch
    {
        ({ }, _) => new DealingColumn($"{part}.group", group),
        (_, { }) => new DealingColumn($"{part}.time", time),
        _ => null,
    };

    /// <summary>Reports one that cannot be.</summary>
    internal static void Check(PipelineSpec spec, SpecReader reader)
    {
        foreach (var (field, name) in spec.DealtBy)
        {
            if (spec.Target.Contains(name))
                reader.Report(field, $"'{name}' is the target; another column is accepted");
            if (spec.Columns.TryGetValue(name, out var use) && use == ColumnUse.Ignore)
                reader.Report(field, $"'{name}' is ignored under columns; a column that is read is accepted, and is no feature");
        }
    }
}
