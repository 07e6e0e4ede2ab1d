using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>How a search comes by the settings that it tries.</summary>
public enum SearchMethod
{
    /// <summary>Tree-structured Parzen estimators (Bergstra et al., 2011): where trials before were good, and not where they were bad.</summary>
    Tpe,

    /// <summary>Each setting by chance, alone.</summary>
    Random,

    /// <summary>Every combination once.</summary>
    Grid,
}

/// <summary>What trials are compared by, on the validation rows.</summary>
public enum SearchMetric
{
    /// <summary>The spec's loss; lower is better.</summary>
    ValidationLoss,

    /// <summary>Share of rows whose class is right; higher is better.</summary>
    ValidationAccuracy,
}

/// <summary>
/// A search for settings, before the model that is served is trained with the best that were found. Each trial trains on the
/// training rows as that model is, and is judged by the weights that would be kept: the best epoch's with early stopping,
/// else the last's.
/// </summary>
public sealed record SearchSpec
{
    /// <summary>Trials of a search, at most.</summary>
    public const int MostTrials = 1_000;

    /// <summary>How settings are proposed.</summary>
    public required SearchMethod Method { get; init; }

    /// <summary>How many; null with <see cref="SearchMethod.Grid"/>, which tries every combination.</summary>
    public int? Trials { get; init; }

    /// <summary>
    /// Of <see cref="SearchMethod.Tpe"/> alone: trials that are proposed, and may be trained, at the same time. They make a
    /// round, which knows of the rounds before it and nothing of itself. Proposals of the others know of nothing, and are all
    /// there from the start.
    /// </summary>
    public int? Parallel { get; init; }

    /// <summary>Decides by chance what is proposed; that of the training unless given, and null with <see cref="SearchMethod.Grid"/>.</summary>
    public int? Seed { get; init; }

    /// <summary>What trials are compared by.</summary>
    public SearchMetric Metric { get; init; }

    /// <summary>What each setting may be, by its place in the spec, such as <c>optimizer.learningRate</c>.</summary>
    public required IReadOnlyDictionary<string, RangeSpec> Space { get; init; }

    /// <summary>How trials that get on badly are stopped early; null to train each to its end.</summary>
    public SuccessiveHalvingSpec? Pruning { get; init; }

    /// <summary>Combinations that there are; null where there is no end of them, or more than <see cref="int.MaxValue"/>.</summary>
    [JsonIgnore]
    public int? Combinations => Space.Values.Aggregate(1L as long?, (product, range) => product * range.Count is { } count and <= int.MaxValue ? count : null) is { } all ? (int)all : null;

    /// <summary>Trials of the whole search.</summary>
    [JsonIgnore]
    public int Total => Trials ?? Combinations ?? 0;

    /// <summary>Trials of a round; the last one may have fewer.</summary>
    [JsonIgnore]
    public int RoundSize => Parallel ?? Total;

    /// <summary>The numbers of a round's trials, from 1.</summary>
    /// <param name="round">From 0.</param>
    public IEnumerable<int> NumbersOf(int round) =>
        Enumerable.Range((round * RoundSize) + 1, Math.Clamp(Total - (round * RoundSize), 0, RoundSize));

    /// <summary>What an objective costs: the lower, the better.</summary>
    public double CostOf(double objective) => Metric == SearchMetric.ValidationAccuracy ? -objective : objective;

    /// <summary>The spec with each end of each of its search's ranges, or each value, by the name of that end.</summary>
    /// <param name="spec">A spec with a search.</param>
    public static IEnumerable<(string Field, PipelineSpec Variant)> VariantsOf(PipelineSpec spec) =>
        from setting in spec.Search!.Space
        from end in setting.Value.Ends
        select ($"search.space.{setting.Key}.{end.Field}", spec.With([new(setting.Key, end.Setting)]));

    internal static SearchSpec Read(SpecReader reader, TaskKind task, SplitSpec split, TrainingSpec training)
    {
        var method = reader.Choice("method", SearchMethod.Tpe);
        var spec = new SearchSpec
        {
            Method = method,
            Trials = method == SearchMethod.Grid ? Refuse(reader, "trials", "which tries every combination once") : reader.Integer("trials", 30, 1, MostTrials),
            Parallel = method == SearchMethod.Tpe ? reader.Integer("parallel", 4, 1, MostTrials) : Refuse(reader, "parallel", "whose trials know nothing of each other and are all there from the start", method),
            Seed = method == SearchMethod.Grid ? Refuse(reader, "seed", "which leaves nothing to chance") : reader.Integer("seed", training.Seed, 0),
            Metric = reader.Choice("metric", SearchMetric.ValidationLoss),
            Space = SearchSpace.Read(reader.Section("space")),
            Pruning = reader.Has("pruning") ? SuccessiveHalvingSpec.Read(reader.Section("pruning")) : null,
        };
        if (split.Validation == 0)
            reader.Report("", "not accepted while split.validation is 0: trials are compared on the validation rows");
        if (task == TaskKind.Regression && spec.Metric == SearchMetric.ValidationAccuracy)
            reader.Report("metric", "validation-accuracy is not accepted for a regression; validation-loss is");
        CheckSize(reader, spec);
        reader.End();
        return spec;
    }

    private static void CheckSize(SpecReader reader, SearchSpec spec)
    {
        if (spec.Space.Count == 0)
            reader.Report("space", "missing; an object is accepted that has a range for at least one setting, such as \"optimizer.learningRate\": { \"min\": 0.0001, \"max\": 0.1, \"scale\": \"log\" }");
        else if (reader.IsReported("space"))
            return;
        else if (spec.Method == SearchMethod.Grid)
            CheckGrid(reader, spec);
        else if (spec.Combinations < spec.Trials)
            reader.Report("trials", $"{spec.Trials} is not accepted for a space of {spec.Combinations} combinations; at most as many are, or method grid, which tries each once");
    }

    private static void CheckGrid(SpecReader reader, SearchSpec spec)
    {
        var endless = spec.Space.Where(setting => setting.Value.Count is null).Select(setting => setting.Key).ToList();
        foreach (var path in endless)
            reader.Report($"space.{path}.points", "missing; with method grid, a number of points is accepted, or integer true, or values");
        if (endless.Count == 0 && spec.Combinations is null or > MostTrials)
            reader.Report("space", $"{(spec.Combinations is { } count ? $"{count} combinations are" : "as many combinations are")} not accepted with method grid; at most {MostTrials} are");
    }

    private static int? Refuse(SpecReader reader, string field, string why, SearchMethod method = SearchMethod.Grid)
    {
        if (reader.Has(field))
            reader.Report(field, $"not accepted with method {SpecJson.NameOf(method)}, {why}");
        return null;
    }
}
