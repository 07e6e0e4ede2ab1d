using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Features;

/// <summary>The first words of running text as codes: 0 behind the text's end, 1 for words without a code of their own, then the others by ordinal.</summary>
internal sealed record TokensFeature : TextColumnFeature
{
    private const int Unknown = 1, First = 2;

    private readonly Dictionary<string, int> _codeOf;
    private readonly int _maxTokens;

    private TokensFeature(IReadOnlyList<string> words, int maxTokens)
    {
        (Words, _maxTokens) = (words, maxTokens);
        _codeOf = words.Index().ToDictionary(word => word.Item, word => word.Index + First, StringComparer.Ordinal);
    }

    /// <summary>Those with a code of their own.</summary>
    public IReadOnlyList<string> Words { get; }

    public override int Indicators => _maxTokens;

    public override int Codes => Words.Count + First;

    /// <exception cref="Fault">No word is common enough.</exception>
    public static TokensFeature Fit(TrainingLevels column, TextTransformerSpec spec)
    {
        var counts = TermCounts.Of(column, words: 1);
        var words = counts.Commonest(spec.MinCount, spec.Vocabulary).Order(StringComparer.Ordinal).ToList();
        return words.Count > 0
            ? new TokensFeature(words, spec.MaxTokens) { Name = column.Name }
            : throw Fault.Invalid(column.Name, $"no word stands in {spec.MinCount} training rows; a lower model.minCount, another encoding, or \"ignore\" under columns is accepted");
    }

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input)
    {
        var codes = Look(graph, WordTokens.Export(graph, input), Words.Select((word, index) => (word, index + First)).Prepend(("", 0)), Unknown);
        // A batch of short texts has fewer words than are looked at.
        var padded = graph.Node("Pad", [codes, graph.Integers("features/pads", 0, 0, 0, _maxTokens), graph.Integers("features/end", 0)]);
        var taken = graph.Slice(padded, axis: 1, 0, _maxTokens);
        return (null, graph.Cast(taken, DataType.Float));
    }

    protected override IEnumerable<string> Examples => Words.Chunk(5).Select(words => string.Join(' ', words));

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators)
    {
        foreach (var (index, word) in WordTokens.Of(text).Take(_maxTokens).Index())
            indicators[index] = _codeOf.GetValueOrDefault(word, Unknown);
    }
}
