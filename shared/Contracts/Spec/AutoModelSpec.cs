namespace Mlops.Contracts.Spec;

/// <summary>
/// The trainer picks the architecture: it trains a few that suit the columns, from the cheapest on, each with its defaults and
/// the spec's other settings, and keeps the one whose validation loss is the lowest.
/// </summary>
public sealed record AutoModelSpec : ModelSpec
{
    /// <summary>
    /// Seconds of training after which no further architecture is tried, and one that is being tried is given up; the first is
    /// trained to its end in any case. What is picked may depend on the machine where this is too short for all.
    /// </summary>
    public int BudgetSeconds { get; init; } = 300;

    internal static AutoModelSpec Read(SpecReader reader) =>
        new() { BudgetSeconds = reader.Integer("budgetSeconds", new AutoModelSpec().BudgetSeconds, 1, 86_400) };

    /// <summary>Reports what nothing could be picked by.</summary>
    internal static void Check(PipelineSpec spec, SpecReader reader)
    {
        if (spec.Model is AutoModelSpec && spec.Split.Validation == 0)
            reader.Report("model.type", "auto is not accepted while split.validation is 0: it compares validation losses; any other is, such as mlp");
    }
}
