using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;

namespace Mlops.Training.Features;

/// <summary>Running text as a number for each term: how often it occurs, times how rare it is (TF-IDF), the whole of length 1.</summary>
internal sealed record TermsFeature : TextColumnFeature
{
    private readonly Dictionary<string, int> _indexOf;

    private TermsFeature(IReadOnlyList<string> terms, IReadOnlyList<float> weights, TermsSpec spec)
    {
        (Terms, Weights, Spec) = (terms, weights, spec);
        _indexOf = terms.Index().ToDictionary(term => term.Item, term => term.Index, StringComparer.Ordinal);
    }

    /// <summary>Words with a space between them; those of one word first, then by ordinal.</summary>
    public IReadOnlyList<string> Terms { get; }

    /// <summary>ln((1 + rows) / (1 + rows with the term)) + 1.</summary>
    public IReadOnlyList<float> Weights { get; }

    public TermsSpec Spec { get; }

    public override int Indicators => Terms.Count;

    public static TermsFeature Fit(TrainingLevels column, TermsSpec spec)
    {
        var counts = TermCounts.Of(column, spec.Words);
        var terms = counts.Commonest(spec.MinCount, spec.MaxTerms).OrderBy(WordsIn).ThenBy(term => term, StringComparer.Ordinal).ToList();
        if (terms.Count == 0)
            throw Fault.Invalid(column.Name, $"no term stands in {spec.MinCount} training rows; a lower preprocessing.text.minCount, another encoding, or \"ignore\" under columns is accepted");
        var all = 1.0 + column.Count + column.Missing;
        return new TermsFeature(terms, [.. terms.Select(term => (float)(Math.Log(all / (1 + counts.RowsWith(term))) + 1))], spec) { Name = column.Name };
    }

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input)
    {
        var counts = graph.Node("TfIdfVectorizer", [WordTokens.Export(graph, input)],
            GraphBuilder.Attribute("mode", "TF"),
            GraphBuilder.Attribute("min_gram_length", 1L),
            GraphBuilder.Attribute("max_gram_length", (long)Spec.Words),
            GraphBuilder.Attribute("max_skip_count", 0L),
            GraphBuilder.Attribute("ngram_counts", Starts()),
            GraphBuilder.Attribute("ngram_indexes", Terms.Select((_, index) => (long)index)),
            GraphBuilder.Attribute("pool_strings", Terms.SelectMany(term => term.Split(' '))));
        if (Spec.Sublinear)
        {
            var one = graph.Floats("features/one", [1], 1);
            var grown = graph.Node("Add", [graph.Node("Log", [graph.Node("Max", [counts, one])]), one]);
            counts = graph.Node("Mul", [graph.Node("Min", [counts, one]), grown]);
        }
        var weighted = graph.Node("Mul", [counts, graph.Floats("features/idf", [.. Weights], Weights.Count)]);
        return (null, graph.Node("LpNormalization", [weighted], GraphBuilder.Attribute("axis", 1L), GraphBuilder.Attribute("p", 2L)));
    }

    protected override IEnumerable<string> Examples => Terms;

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators)
    {
        foreach (var term in TermCounts.TermsOf(text, Spec.Words))
            if (_indexOf.TryGetValue(term, out var index))
                indicators[index]++;
        var squares = 0f;
        for (var index = 0; index < indicators.Length; index++)
        {
            if (indicators[index] == 0)
                continue;
            indicators[index] = (Spec.Sublinear ? MathF.Log(indicators[index]) + 1 : indicators[index]) * Weights[index];
            squares += indicators[index] * indicators[index];
        }
        if (squares == 0)
            return;
        var length = MathF.Sqrt(squares);
        for (var index = 0; index < indicators.Length; index++)
            indicators[index] /= length;
    }

    private static int WordsIn(string term) => term.Count(sign => sign == ' ') + 1;

    // Where in the pool the terms of one word begin, those of two, and so on.
    private IEnumerable<long> Starts()
    {
        var start = 0L;
        for (var length = 1; length <= Spec.Words; length++)
        {
            yield return start;
            start += (long)length * Terms.Count(term => WordsIn(term) == length);
        }
    }
}
