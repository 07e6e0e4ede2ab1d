using Mlops.Onnx;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>A column of texts, each of which is looked at for itself.</summary>
internal abstract record TextColumnFeature : Feature
{
    private const int MostExamples = 32;
    private const string UnknownText = "no such text";

    public override ColumnType Source => ColumnType.Categorical;

    public override void Encode(Column column, int start, RowBlock numbers, RowBlock indicators)
    {
        var texts = (CategoricalColumn)column;
        for (var row = 0; row < numbers.Rows; row++)
            Encode(texts.TextAt(start + row) ?? "", numbers[row], indicators[row]);
    }

    public override Column MakeUp(int rows, SeededRandom random)
    {
        string[] texts = [.. Examples.Take(MostExamples), UnknownText];
        return new CategoricalColumn(Name, [.. Enumerable.Range(0, rows).Select(_ => IsMissing(random) ? -1 : random.NextInt(texts.Length))], texts);
    }

    /// <summary>Texts that the graph knows; none of them is a row's where that could be much of one.</summary>
    protected abstract IEnumerable<string> Examples { get; }

    /// <summary>Adds the look-up of a number for each text.</summary>
    /// <param name="graph">Takes the nodes.</param>
    /// <param name="texts">Of any shape.</param>
    /// <param name="numbers">The texts that have one.</param>
    /// <param name="otherwise">That of every other text.</param>
    /// <returns>INT64, of the same shape.</returns>
    protected static string Look(GraphBuilder graph, string texts, IEnumerable<(string Text, int Number)> numbers, int otherwise) =>
        graph.NodeIn(GraphBuilder.MlDomain, "LabelEncoder", [texts],
            GraphBuilder.Attribute("keys_strings", numbers.Select(number => number.Text)),
            GraphBuilder.Attribute("values_int64s", numbers.Select(number => (long)number.Number)),
            GraphBuilder.Attribute("default_int64", (long)otherwise));

    /// <summary>Reads a text.</summary>
    /// <param name="text">Empty where missing, as in a request.</param>
    /// <param name="numbers">Takes its numbers; NaN where missing.</param>
    /// <param name="indicators">Takes its indicators; holds zeros.</param>
    protected abstract void Encode(string text, Span<float> numbers, Span<float> indicators);
}
