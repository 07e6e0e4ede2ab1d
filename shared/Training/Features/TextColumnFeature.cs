using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>A column of texts, each of which is looked at for itself.</summary>
internal abstract record TextColumnFeature : Feature
{
    private const int MostExamples = 32;
    private const string UnknownText = "no such text";

    public override ColumnType Source => ColumnType.Categorical;

    public override void Encode(Column column, RowBlock numbers, RowBlock indicators)
    {
        var texts = (CategoricalColumn)column;
        for (var row = 0; row < texts.Count; row++)
            Encode(texts.TextAt(row) ?? "", numbers[row], indicators[row]);
    }

    public override Column MakeUp(int rows, SeededRandom random)
    {
        string[] texts = [.. Examples.Take(MostExamples), UnknownText];
        return new CategoricalColumn(Name, [.. Enumerable.Range(0, rows).Select(_ => IsMissing(random) ? -1 : random.NextInt(texts.Length))], texts);
    }

    /// <summary>Texts that the graph knows; none of them is a row's where that could be much of one.</summary>
    protected abstract IEnumerable<string> Examples { get; }

    /// <summary>Reads a text.</summary>
    /// <param name="text">Empty where missing, as in a request.</param>
    /// <param name="numbers">Takes its numbers; NaN where missing.</param>
    /// <param name="indicators">Takes its indicators; holds zeros.</param>
    protected abstract void Encode(string text, Span<float> numbers, Span<float> indicators);
}
