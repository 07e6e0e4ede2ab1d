using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>How training rows are dealt to folds.</summary>
public enum CrossValidationMethod
{
    /// <summary>Each fold keeps the classes' shares: no two differ by more than one row of a class. For a classification only.</summary>
    Stratified,

    /// <summary>At random, in sizes that differ by at most one row.</summary>
    KFold,

    /// <summary>Rows with the same value of a column stay together: a fold tells how the model does on groups that it has not seen.</summary>
    Grouped,

    /// <summary>A fold is trained on nothing but rows that are earlier than its own (forward chaining).</summary>
    TimeOrdered,
}

/// <summary>
/// k-fold cross-validation of the training rows, before the model that is served is trained on all of them. Each fold's rows
/// are predicted by a model that was trained on the other folds' (with <see cref="CrossValidationMethod.TimeOrdered"/>, on the
/// earlier folds'). Early stopping looks at the split's validation rows, in folds as in the last training; of these a fold
/// leaves out those that share a group with its own rows. With <see cref="CrossValidationMethod.TimeOrdered"/> it looks at the
/// latest of the fold's earlier rows, a share of them as large as the split's validation rows have of all before the test rows.
/// </summary>
public sealed record CrossValidationSpec
{
    /// <summary>Folds times repeats, at most.</summary>
    public const int MostParts = 1_000;

    /// <summary>How rows are dealt to folds: stratified for a classification and k-fold for a regression, unless the spec says.</summary>
    public required CrossValidationMethod Method { get; init; }

    /// <summary>Parts that the training rows are dealt to, at least 2.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>How often all of it is done, each time with other folds; 1 where they are ordered by time.</summary>
    public int Repeats { get; init; } = 1;

    /// <summary>Decides which row stands in which fold.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>The column whose values are groups, of <see cref="CrossValidationMethod.Grouped"/>. The model does not see it.</summary>
    public string? Group { get; init; }

    /// <summary>
    /// The column that says when, of <see cref="CrossValidationMethod.TimeOrdered"/>: numbers that rise, or texts whose ordinal
    /// order is that of time, as ISO 8601's is. The model does not see it.
    /// </summary>
    public string? Time { get; init; }

    /// <summary>Trainings on parts of the rows: folds times repeats.</summary>
    [JsonIgnore]
    public int Parts => Folds * Repeats;

    /// <summary>The column that folds are made by, if there is one: it has to be read, and is no feature.</summary>
    [JsonIgnore]
    public DealingColumn? DealtBy => DealingColumn.Of("crossValidation", Group, Time);

    internal static CrossValidationSpec Read(SpecReader reader, TaskKind task)
    {
        var spec = new CrossValidationSpec
        {
            Method = reader.Choice("method", task == TaskKind.Classification ? CrossValidationMethod.Stratified : CrossValidationMethod.KFold),
            Folds = reader.Integer("folds", 5, 2, 100),
            Repeats = reader.Integer("repeats", 1, 1, 100),
            Seed = reader.Integer("seed", 42, 0),
            Group = reader.Text("group"),
            Time = reader.Text("time"),
        };
        if (spec.Method == CrossValidationMethod.Stratified && task == TaskKind.Regression)
            reader.Report("method", "stratified is not accepted for a regression; k-fold, grouped and time-ordered are");
        if (spec.Parts > MostParts)
            reader.Report("repeats", $"{spec.Folds} folds and {spec.Repeats} repeats are {spec.Parts} trainings; at most {MostParts} are accepted");
        if (spec.Method == CrossValidationMethod.TimeOrdered && spec.Repeats > 1)
            reader.Report("repeats", $"{spec.Repeats} is not accepted with method time-ordered, whose folds do not depend on chance; 1 is");
        CheckColumn(reader, "group", spec.Group, spec.Method, CrossValidationMethod.Grouped);
        CheckColumn(reader, "time", spec.Time, spec.Method, CrossValidationMethod.TimeOrdered);
        reader.End();
        return spec;
    }

    private static void CheckColumn(SpecReader reader, string field, string? column, CrossValidationMethod method, CrossValidationMethod wantsIt)
    {
        if (method == wantsIt && column is null)
            reader.Report(field, $"missing; with method {SpecJson.NameOf(wantsIt)}, the name of a column is accepted");
        if (method != wantsIt && column is not null)
            reader.Report(field, $"not accepted with method {SpecJson.NameOf(method)}; with {SpecJson.NameOf(wantsIt)} it is");
    }
}
