using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Features;

/// <summary>A level as a code, for a network that learns a vector for each: 0 for rare ones and those that training never saw, then the levels, then "missing" if a training row has that.</summary>
internal sealed record CodeFeature : TextColumnFeature
{
    private readonly Dictionary<string, int> _codeOf;

    private CodeFeature(IReadOnlyList<string> keys)
    {
        Keys = keys;
        _codeOf = keys.Index().ToDictionary(key => key.Item, key => key.Index + 1, StringComparer.Ordinal);
    }

    /// <summary>The texts with the codes 1, 2 …; the empty one stands for a missing cell.</summary>
    public IReadOnlyList<string> Keys { get; }

    public override int Indicators => 1;

    public override int Codes => Keys.Count + 1;

    public static CodeFeature Fit(TrainingLevels column, int minCount) =>
        new([.. column.Common(minCount), .. column.Missing > 0 ? new[] { "" } : []]) { Name = column.Name };

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input)
    {
        var code = Look(graph, input, Keys.Select((key, index) => (key, index + 1)), otherwise: 0);
        return (null, graph.Cast(code, DataType.Float));
    }

    protected override IEnumerable<string> Examples => Keys.Where(key => key.Length > 0);

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators) => indicators[0] = _codeOf.GetValueOrDefault(text);
}
