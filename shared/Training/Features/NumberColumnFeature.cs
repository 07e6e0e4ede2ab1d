using Mlops.Onnx;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>A column of numbers.</summary>
internal sealed record NumberColumnFeature : Feature
{
    public override ColumnType Source => ColumnType.Numeric;

    public override void Encode(Column column, int start, RowBlock numbers, RowBlock indicators)
    {
        var values = ((NumericColumn)column).Values.Slice(start, numbers.Rows);
        for (var row = 0; row < values.Length; row++)
            numbers[row][0] = (float)values[row];
    }

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input) => (input, null);

    public override Column MakeUp(int rows, SeededRandom random) =>
        new NumericColumn(Name, [.. Enumerable.Range(0, rows).Select(_ => IsMissing(random) ? double.NaN : Numbers[0].MakeUp(random.NextGaussian()))]);
}
