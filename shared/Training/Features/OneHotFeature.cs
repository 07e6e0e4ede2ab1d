using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Features;

/// <summary>
/// An indicator for each level that enough training rows have, one for "missing" if a training row has that, and one for the
/// rarer levels, if there are such. A value that training never saw counts as a rare one; where there are none it sets no
/// indicator.
/// </summary>
internal sealed record OneHotFeature : TextColumnFeature
{
    private const int None = -1;

    private readonly Dictionary<string, int> _indicatorOf;

    public OneHotFeature(IReadOnlyList<string> levels, bool hasMissing, bool hasRare)
    {
        (Levels, HasMissing, HasRare) = (levels, hasMissing, hasRare);
        _indicatorOf = Keys.Index().ToDictionary(key => key.Item, key => key.Index, StringComparer.Ordinal);
    }

    /// <summary>Those with an indicator of their own, sorted by ordinal.</summary>
    public IReadOnlyList<string> Levels { get; }

    /// <summary>Whether a cell was missing in the training rows.</summary>
    public bool HasMissing { get; }

    /// <summary>Whether a level was rare in the training rows.</summary>
    public bool HasRare { get; }

    public override int Indicators => Keys.Count + (HasRare ? 1 : 0);

    // In the order of the indicators; that of the rare ones is the last.
    private IReadOnlyList<string> Keys => HasMissing ? [.. Levels, ""] : Levels;

    private int Otherwise => HasRare ? Keys.Count : None;

    public static OneHotFeature Fit(TrainingLevels column, int minCount)
    {
        var levels = column.Common(minCount).ToList();
        return new OneHotFeature(levels, column.Missing > 0, column.Levels.Count > levels.Count) { Name = column.Name };
    }

    // Text → its number (−1 where unknown) → compared with 0, 1, 2 …: the indicators, without a third dimension to squeeze.
    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input)
    {
        var number = Look(graph, input, Keys.Select((key, index) => (key, index)), Otherwise);
        return (null, Export(graph, number, Indicators));
    }

    /// <summary>An indicator for each number from 0.</summary>
    /// <param name="graph">Takes the nodes.</param>
    /// <param name="number">INT64 [N, 1].</param>
    /// <param name="count">How many.</param>
    public static string Export(GraphBuilder graph, string number, int count)
    {
        var indicators = graph.Node("Equal", [number, graph.Integers("features/indicator", [.. Enumerable.Range(0, count).Select(index => (long)index)])]);
        return graph.Cast(indicators, DataType.Float);
    }

    protected override IEnumerable<string> Examples => Levels;

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators)
    {
        if (_indicatorOf.GetValueOrDefault(text, Otherwise) is >= 0 and var indicator)
            indicators[indicator] = 1;
    }
}
