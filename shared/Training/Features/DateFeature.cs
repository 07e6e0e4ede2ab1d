using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;

namespace Mlops.Training.Features;

/// <summary>
/// A date: its days since 1970 as a number, and sine and cosine of where in the year, month, week and day it stands, so that
/// the end of each is next to its beginning. Only parts that differ in the training rows are there; where the date is
/// missing, they are 0.
/// </summary>
internal sealed record DateFeature : TextColumnFeature
{
    private static readonly DatePart[] AllParts =
    [
        new("month", 12, date => date.Month - 1),
        new("day", 31, date => date.Day - 1),
        new("weekday", 7, date => date.Weekday),
        new("hour", 24, date => date.Hour),
    ];

    /// <summary>Those that differ in the training rows.</summary>
    public required IReadOnlyList<DatePart> Parts { get; init; }

    public override int Indicators => Parts.Count * 2;

    public static DateFeature Fit(TrainingLevels column, ColumnPreprocessingSpec settings)
    {
        var dates = column.Levels.Select(level => DateText.Read(level.Text)).OfType<DateText>().ToList();
        if (dates.Count == 0 && column.Levels.Count > 0)
            throw Fault.Invalid(column.Name, $"'{column.Levels[0].Text}' is no date, nor is any other text of the training rows; dates as 2026-11-28 or 2026-11-28T13:45 are accepted, or another encoding");
        return new DateFeature
        {
            Name = column.Name,
            Numbers = [NumericFeature.Fit(column.Name, column.NumbersOf(text => DateText.Read(text)?.Moment ?? float.NaN), settings)],
            Parts = [.. AllParts.Where(part => dates.Select(part.Of).Distinct().Skip(1).Any())],
        };
    }

    public override (string? Numbers, string? Indicators) Export(GraphBuilder graph, string input)
    {
        var date = new DateGraph(graph, input);
        var number = graph.Node("Where", [date.IsThere, date.Moment, graph.Floats("features/missing", [float.NaN], 1)]);
        if (Parts.Count == 0)
            return (number, null);
        var parts = Parts.Select(part =>
        {
            // The last row of the table is that of a missing date.
            var place = graph.Node("Where", [date.IsThere, date.Place(part.Name), graph.Integers("features/missing", part.Count)]);
            float[] table = [.. Enumerable.Range(0, part.Count).SelectMany(at => new[] { part.Sine(at), part.Cosine(at) }), 0, 0];
            return graph.Node("Gather", [graph.Floats($"features/{part.Name}", table, part.Count + 1, 2), graph.Node("Reshape", [place, graph.Integers("features/rows", -1)])]);
        }).ToList();
        return (number, graph.Concat(parts));
    }

    protected override IEnumerable<string> Examples => ["2000-02-29", "2026-11-28T13:45", "1969-07-20 20:17"];

    protected override void Encode(string text, Span<float> numbers, Span<float> indicators)
    {
        var date = DateText.Read(text);
        numbers[0] = date?.Moment ?? float.NaN;
        if (date is not { } there)
            return;
        foreach (var (index, part) in Parts.Index())
            (indicators[index * 2], indicators[(index * 2) + 1]) = (part.Sine(part.Of(there)), part.Cosine(part.Of(there)));
    }

    /// <summary>Something that comes round again.</summary>
    /// <param name="Name">As <see cref="DateGraph.Place"/> knows it.</param>
    /// <param name="Count">How many places it has.</param>
    /// <param name="Of">The place of a date, from 0.</param>
    internal sealed record DatePart(string Name, int Count, Func<DateText, int> Of)
    {
        public float Sine(int place) => (float)Math.Sin(2 * Math.PI * place / Count);

        public float Cosine(int place) => (float)Math.Cos(2 * Math.PI * place / Count);
    }
}
