namespace Mlops.Contracts.Spec;

/// <summary>How rows are shared out: all three as fractions of the rows (sum 1), or all three as counts (sum: the rows).</summary>
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

    /// <summary>Whether each part keeps the classes' shares. For a classification only.</summary>
    public bool Stratify { get; init; }

    /// <summary>Whether the parts are counts of rows rather than fractions.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsCounts => Train + Validation + Test > 1.5;

    internal static SplitSpec Read(SpecReader reader, TaskKind task)
    {
        var otherwise = new SplitSpec();
        var split = new SplitSpec
        {
            Train = reader.Number("train", otherwise.Train, 0, int.MaxValue, openMin: true),
            Validation = reader.Number("validation", otherwise.Validation, 0, int.MaxValue),
            Test = reader.Number("test", otherwise.Test, 0, int.MaxValue, openMin: true),
            Seed = reader.Integer("seed", otherwise.Seed, 0),
            Stratify = reader.Flag("stratify", task == TaskKind.Classification),
        };
        var sum = split.Train + split.Validation + split.Test;
        double[] parts = [split.Train, split.Validation, split.Test];
        if (split.IsCounts ? parts.Any(part => part != Math.Floor(part)) : Math.Abs(sum - 1) > 1e-9)
            reader.Report("", FormattableString.Invariant($"train, validation and test are {split.Train}, {split.Validation} and {split.Test}; fractions that sum to 1, or whole numbers of rows, are accepted"));
        if (split.Stratify && task == TaskKind.Regression)
            reader.Report("stratify", "true is not accepted for a regression; false is");
        reader.End();
        return split;
    }
}
