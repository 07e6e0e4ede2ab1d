using System.Globalization;

namespace Mlops.Benchmarks;

/// <summary>What was measured: a line as soon as it is known, and a table with the targets at the end.</summary>
internal sealed class Figures(TextWriter output)
{
    private readonly List<Figure> _figures = [];

    /// <summary>A figure without a target, for comparison.</summary>
    public void Add(string name, double value, string unit) => Add(new Figure(name, value, unit, "", null));

    public void AtLeast(string name, double value, string unit, double target) => Add(new Figure(name, value, unit, $"≥ {Text(target)}", value >= target));

    public void AtMost(string name, double value, string unit, double target) => Add(new Figure(name, value, unit, $"≤ {Text(target)}", value <= target));

    public void WriteTable()
    {
        output.WriteLine("\n| figure | measured | target | |\n|---|---|---|---|");
        foreach (var figure in _figures)
            output.WriteLine($"| {figure.Name} | {Text(figure.Value)} {figure.Unit} | {(figure.Target.Length > 0 ? $"{figure.Target} {figure.Unit}" : "")} | {figure.Verdict} |");
    }

    private void Add(Figure figure)
    {
        _figures.Add(figure);
        output.WriteLine($"figure {figure.Name} {Text(figure.Value)} {figure.Unit}");
    }

    private static string Text(double value) => value.ToString(Math.Abs(value) >= 100 ? "0" : "0.##", CultureInfo.InvariantCulture);

    private sealed record Figure(string Name, double Value, string Unit, string Target, bool? Met)
    {
        public string Verdict => Met switch { null => "", true => "met", false => "missed" };
    }
}
