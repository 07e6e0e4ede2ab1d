using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>
/// How rows are shared out: all three as fractions of the rows (sum 1), or all three as counts (sum: the rows). By chance,
/// unless a column of groups or of times is named; where cross-validation names one, the split does so too.
/// </summary>
public sealed record SplitSpec
{
    /// <summary>Rows that weights and preprocessing are fitted on. Above 0.</summary>
    public double Train { get; init; } = 0.7;

    /// <summary>Rows that early stopping looks at; may be 0.</summary>
    public double Validation { get; init; } = 0.15;

    /// <summary>Rows that nothing but the evaluator sees. Above 0.</summary>
    public double Test { get; init; } = 0.15;

    /// <summary>Decides which row goes where.</summary>
    public int Seed { get; init; } = 42;

    /// <summary>Whether each part keeps the classes' shares. For a classification only, and not with groups or times.</summary>
    public bool Stratify { get; init; }

    /// <summary>
    /// The column whose values are groups, such as patients: rows with the same value stand in the same part, and a part has at
    /// most the largest group's rows more than asked for. The model does not see it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Group { get; init; }

    /// <summary>
    /// The column that says when: the earliest rows are trained on, the latest are test rows, and those of the same moment stand
    /// in the same part. Numbers that rise, or texts whose ordinal order is that of time, as ISO 8601's is. The model does not see it.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Time { get; init; }

    /// <summary>The column that rows are shared out by, if there is one: it has to be read, and is no feature.</summary>
    [JsonIgnore]
    public DealingColumn? DealtBy => DealingColumn.Of("split", Group, Time);

    /// <summary>Whether the parts are counts of rows rather than fractions.</summary>
    [JsonIgnore]
    public bool IsCounts => Train + Validation + Test > 1.5;

    internal static SplitSpec Read(SpecReader reader, TaskKind task, CrossValidationSpec? crossValidation)
    {
        var otherwise = new SplitSpec();
        var (group, time) = (reader.Text("group"), reader.Text("time"));
        if (group is not null && time is not null)
            reader.Report("time", "not accepted together with split.group; one of both is");
        if (group is null && time is null)
            (group, time) = (crossValidation?.Group, crossValidation?.Time);
        var isByChance = group is null && time is null;
        var split = new SplitSpec
        {
            Train = reader.Number("train", otherwise.Train, 0, int.MaxValue, openMin: true),
            Validation = reader.Number("validation", otherwise.Validation, 0, int.MaxValue),
            Test = reader.Number("test", otherwise.Test, 0, int.MaxValue, openMin: true),
            Seed = reader.Integer("seed", otherwise.Seed, 0),
            Stratify = reader.Flag("stratify", task == TaskKind.Classification && isByChance),
            Group = group,
            Time = time,
        };
        var sum = split.Train + split.Validation + split.Test;
        double[] parts = [split.Train, split.Validation, split.Test];
        if (split.IsCounts ? parts.Any(part => part != Math.Floor(part)) : Math.Abs(sum - 1) > 1e-9)
            reader.Report("", FormattableString.Invariant($"train, validation and test are {split.Train}, {split.Validation} and {split.Test}; fractions that sum to 1, or whole numbers of rows, are accepted"));
        if (split.Stratify && task == TaskKind.Regression)
            reader.Report("stratify", "true is not accepted for a regression; false is");
        if (split.Stratify && !isByChance)
            reader.Report("stratify", $"true is not accepted where rows are shared out by the {(group is null ? "times" : "groups")} in '{group ?? time}'; false is");
        reader.End();
        return split;
    }
}
