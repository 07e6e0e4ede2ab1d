using Mlops.Contracts.Spec;
using Mlops.Onnx;

namespace Mlops.Training.Features;

/// <summary>A number for each level: its place in an order, or 1 for true and 0 for false. Any other text counts as missing.</summary>
internal sealed record LevelNumberFeature : TextColumnFeature
{
    private readonly Dictionary<string, float> _numberOf;

    private LevelNumberFeature(IReadOnlyList<(string Level, float Number)> levels)
    {
        Levels = levels;
        _numberOf = levels.ToDictionary(level => level.Level, level => level.Number, StringComparer.Ordinal);
    }

    /// <summary>Every text that has a number.</summary>
    public IReadOnlyList<(string Level, float Number)> Levels { get; }

    /// <summary>Fits the places of levels in an order.</summary>
    /// <param name="column">The training rows.</param>
    /// <param name="settings">May give the order; else it is that of the texts, by ordinal.</param>
    public static LevelNumberFeature FitOrder(TrainingLevels column, ColumnPreprocessingSpec settings) =>
        Fit(column, settings, [.. (settings.Order ?? [.. column.Levels.Select(level => level.Text)]).Select((level, place) => (level, (float)place))]);

    /// <summary>Fits truth values.</summary>
    public static LevelNumberFeature FitTruth(TrainingLevels column, ColumnPreprocessingSpec settings) => Fit(column, settings, TruthText.All);

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input) => (
        graph.NodeIn(GraphBuilder.MlDomain, "LabelEncoder", [input],
            GraphBuilder.Attribute("keys_strings", Levels.Select(level => level.Level)),
            GraphBuilder.Attribute("values_floats", Levels.Select(level => level.Number)),
            GraphBuilder.Attribute("default_float", float.NaN)),
        null);

    protected override IEnumerable<string> Examples => Levels.Select(level => level.Level);

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators) => numbers[0] = _numberOf.GetValueOrDefault(text, float.NaN);

    private static LevelNumberFeature Fit(TrainingLevels column, ColumnPreprocessingSpec settings, IReadOnlyList<(string Level, float Number)> levels)
    {
        var feature = new LevelNumberFeature(levels) { Name = column.Name };
        var numbers = column.NumbersOf(text => feature._numberOf.GetValueOrDefault(text, float.NaN));
        return feature with { Numbers = [NumericFeature.Fit(column.Name, numbers, settings)] };
    }
}
