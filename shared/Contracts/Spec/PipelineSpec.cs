using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Unicode;

namespace Mlops.Contracts.Spec;

/// <summary>
/// Everything that turns a data set version into a served model. <c>task</c> and <c>target</c> are enough;
/// every default is written out in <see cref="ToJson"/>, so that the stored spec says all that was done.
/// </summary>
public sealed record PipelineSpec
{
    /// <summary>Name of the model that the pipeline makes; the data set's name unless given.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of question the model answers.</summary>
    public required TaskKind Task { get; init; }

    /// <summary>The column to predict; several for a regression with several outputs. Never empty.</summary>
    public required IReadOnlyList<string> Target { get; init; }

    /// <summary>Columns whose type is set by hand, or which are left out.</summary>
    public IReadOnlyDictionary<string, ColumnUse> Columns { get; init; } = new Dictionary<string, ColumnUse>();

    /// <summary>How rows are shared out.</summary>
    public SplitSpec Split { get; init; } = new();

    /// <summary>What happens to columns before the network sees them.</summary>
    public PreprocessingSpec Preprocessing { get; init; } = new();

    /// <summary>The architecture; picked by the trainer unless given.</summary>
    public ModelSpec Model { get; init; } = new AutoModelSpec();

    /// <summary>How weights are stepped.</summary>
    public OptimizerSpec Optimizer { get; init; } = new AdamWSpec();

    /// <summary>What training makes small.</summary>
    public LossSpec Loss { get => field ?? LossSpec.DefaultOf(Task); init; }

    /// <summary>What keeps weights and steps small.</summary>
    public RegularizationSpec Regularization { get; init; } = new();

    /// <summary>How long, in which batches, from which seed.</summary>
    public TrainingSpec Training { get; init; } = new();

    /// <summary>How it is cross-validated first; null, which is not written, for not at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public CrossValidationSpec? CrossValidation { get; init; }

    /// <summary>Which settings are searched for first; null, which is not written, for none.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public SearchSpec? Search { get; init; }

    /// <summary>What a model must reach.</summary>
    public EvaluationSpec Evaluation { get; init; } = new();

    /// <summary>Which smaller variants to make.</summary>
    public CompressionSpec Compression { get; init; } = new();

    /// <summary>How a model comes to be served.</summary>
    public PromotionSpec Promotion { get; init; } = new();

    /// <summary>Reads and checks a spec whole.</summary>
    /// <param name="json">UTF-8 JSON, with or without a byte order mark.</param>
    /// <param name="defaultName">The pipeline's name where the spec gives none: the data set's.</param>
    /// <exception cref="Fault">The spec is not accepted; every problem is in it, each with its field.</exception>
    public static PipelineSpec Parse(ReadOnlyMemory<byte> json, string defaultName)
    {
        if (json.Span.StartsWith(Encoding.UTF8.Preamble))
            json = json[Encoding.UTF8.Preamble.Length..];
        JsonDocument document;
        try
        {
            RequireText(json.Span);
            document = JsonDocument.Parse(json, new JsonDocumentOptions { AllowDuplicateProperties = false });
        }
        catch (JsonException exception)
        {
            throw Fault.Invalid("spec", $"not JSON: {exception.Message}");
        }
        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw Fault.Invalid("spec", "a JSON object is accepted");
            var problems = new List<Problem>();
            var spec = Read(new SpecReader(document.RootElement, "", problems), defaultName);
            return problems.Count == 0 ? spec : throw new Fault(FaultKind.Invalid, problems);
        }
    }

    /// <inheritdoc cref="Parse(ReadOnlyMemory{byte}, string)"/>
    public static PipelineSpec Parse(string json, string defaultName) => Parse(Encoding.UTF8.GetBytes(json), defaultName);

    /// <summary>The spec with every default written out; equal specs give equal text.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SpecJson.Canonical);

    /// <summary>The spec with other settings, as a trial of its search is trained by; without the search.</summary>
    /// <param name="settings">By their places, such as <c>optimizer.learningRate</c>.</param>
    /// <exception cref="Fault">Invalid: the spec does not take them; every problem is in it.</exception>
    public PipelineSpec With(IEnumerable<KeyValuePair<string, JsonElement>> settings) =>
        Parse(SearchSpace.Set((this with { Search = null }).ToJson(), settings), Name);

    /// <summary>The metric by which models of this pipeline are compared: accuracy, or R².</summary>
    [JsonIgnore]
    public string HeadlineMetric => Task == TaskKind.Classification ? MetricNames.Accuracy : MetricNames.R2;

    /// <summary>The columns by which rows are dealt to folds and to the split's parts, each once.</summary>
    [JsonIgnore]
    public IEnumerable<DealingColumn> DealtBy => new[] { CrossValidation?.DealtBy, Split.DealtBy }.OfType<DealingColumn>().DistinctBy(column => column.Name);

    /// <summary>Epochs at most; of boosted trees, rounds.</summary>
    [JsonIgnore]
    public int MostEpochs => Model switch
    {
        BoostedTreesSpec trees => trees.Trees,
        AutoModelSpec => Math.Max(Training.Epochs, new BoostedTreesSpec().Trees),
        _ => Training.Epochs,
    };

    // Half a surrogate pair, and bytes that are not UTF-8, pass for JSON; every later read of such a text would stumble.
    private static void RequireText(ReadOnlySpan<byte> json)
    {
        if (!Utf8.IsValid(json))
            throw Fault.Invalid("spec", "not UTF-8; UTF-8 text is accepted");
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !IsText(ref reader))
                throw Fault.Invalid("spec", $"half a surrogate pair in the text at byte {reader.TokenStartIndex}; both halves are accepted");
    }

    private static bool IsText(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static PipelineSpec Read(SpecReader reader, string defaultName)
    {
        var name = reader.Text("name") ?? defaultName;
        if (!ResourceName.IsValid(name))
            reader.Report("name", $"'{name}' is not a name; accepted: {ResourceName.Rule}");
        if (!reader.Has("task"))
            reader.Report("task", "missing; one of classification, regression is accepted");
        var task = reader.Choice("task", TaskKind.Classification);
        var target = ReadTarget(reader, task);
        var crossValidation = reader.Has("crossValidation") ? CrossValidationSpec.Read(reader.Section("crossValidation"), task) : null;
        var split = SplitSpec.Read(reader.Section("split"), task, crossValidation);
        var optimizer = OptimizerSpec.Read(reader.Section("optimizer"), reader.Section("model").Says("type", "text-transformer"));
        var columns = ReadColumns(reader.Section("columns"), target);
        TrainingSpec training;

        var spec = new PipelineSpec
        {
            Name = name,
            Task = task,
            Target = target,
            Columns = columns,
            Split = split,
            Preprocessing = PreprocessingSpec.Read(reader.Section("preprocessing"), task),
            Model = ModelSpec.Read(reader.Section("model"), optimizer),
            Optimizer = optimizer,
            Loss = LossSpec.Read(reader.Section("loss"), task),
            Regularization = RegularizationSpec.Read(reader.Section("regularization"), optimizer),
            Training = training = TrainingSpec.Read(reader.Section("training"), split, optimizer),
            CrossValidation = crossValidation,
            Search = reader.Has("search") ? SearchSpec.Read(reader.Section("search"), task, split, training) : null,
            Evaluation = EvaluationSpec.Read(reader.Section("evaluation"), task),
            Compression = CompressionSpec.Read(reader.Section("compression")),
            Promotion = PromotionSpec.Read(reader.Section("promotion")),
        };
        DealingColumn.Check(spec, reader);
        AutoModelSpec.Check(spec, reader);
        BoostedTreesSpec.Check(spec, reader);
        if (spec.Search is { } search)
            SearchSpace.Check(spec, search, reader.Section("search"));
        reader.End();
        return spec;
    }

    private static IReadOnlyList<string> ReadTarget(SpecReader reader, TaskKind task)
    {
        if (!reader.Has("target"))
            reader.Report("target", "missing; the name of the column to predict is accepted");
        var target = reader.Texts("target") ?? [];
        if (reader.Has("target") && target.Count == 0)
            reader.Report("target", "an empty list is not accepted; at least one column is");
        if (target.Distinct().Count() != target.Count)
            reader.Report("target", "a column stands twice; each is accepted once");
        if (task == TaskKind.Classification && target.Count > 1)
            reader.Report("target", $"{target.Count} columns are not accepted for a classification; one is");
        return target;
    }

    private static SortedDictionary<string, ColumnUse> ReadColumns(SpecReader reader, IReadOnlyList<string> target)
    {
        var columns = new SortedDictionary<string, ColumnUse>(StringComparer.Ordinal);
        foreach (var name in reader.OwnNames())
        {
            columns[name] = reader.Choice(name, ColumnUse.Numeric);
            if (columns[name] == ColumnUse.Ignore && target.Contains(name))
                reader.Report(name, "the target cannot be ignored");
        }
        return columns;
    }
}
