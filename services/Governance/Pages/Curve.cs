using System.Globalization;

namespace Mlops.Governance.Pages;

/// <summary>A chart of metrics over epochs, laid out: everything is in the units of the picture.</summary>
/// <param name="Lines">One a metric.</param>
/// <param name="XTicks">Epochs on the horizontal axis.</param>
/// <param name="YTicks">Values on the vertical axis.</param>
/// <param name="IsLogarithmic">Whether the vertical axis is.</param>
/// <param name="FirstStep">The epoch at the left end.</param>
/// <param name="LastStep">The epoch at the right end.</param>
public sealed record Curve(
    IReadOnlyList<CurveLine> Lines, IReadOnlyList<CurveTick> XTicks, IReadOnlyList<CurveTick> YTicks, bool IsLogarithmic, int FirstStep, int LastStep)
{
    /// <summary>Size of the picture and of the room for its axes.</summary>
    public const int Width = 760, Height = 300, Left = 64, Right = 8, Top = 8, Bottom = 36;

    private const int Intervals = 5;

    /// <summary>Where an epoch stands on the horizontal axis.</summary>
    public double X(double step) => X(step, FirstStep, LastStep);

    /// <summary>
    /// Lays the named series out; null when none has two points. The vertical axis is logarithmic where the values span
    /// more than two orders of magnitude: a loss falls so far that its end would else lie flat on the axis.
    /// </summary>
    internal static Curve? Of(IReadOnlyDictionary<string, MetricSeries> series, params string[] names)
    {
        var shown = names.Where(name => series.TryGetValue(name, out var found) && found.Steps.Count > 1).ToList();
        if (shown.Count == 0)
            return null;
        var values = shown.SelectMany(name => series[name].Values).Where(double.IsFinite).DefaultIfEmpty().ToList();
        var (low, high) = (values.Min(), values.Max());
        var logarithmic = low > 0 && high / low > 100;
        if (logarithmic)
            (low, high) = (Math.Log10(low), Math.Log10(high));
        if (high - low < 1e-12)
            (low, high) = (low - 0.5, high + 0.5);
        var first = shown.Min(name => series[name].Steps[0]);
        var last = shown.Max(name => series[name].Steps[^1]);
        double Y(double value) => Top + ((high - (logarithmic ? Math.Log10(value) : value)) / (high - low) * (Height - Top - Bottom));
        return new Curve(
            [.. shown.Select(name => new CurveLine(name, Points(series[name], step => X(step, first, last), Y)))],
            [.. Ticks(first, last, smallest: 1).Select(step => new CurveTick(X(step, first, last), PageText.Count((long)step)))],
            [.. Ticks(low, high, smallest: logarithmic ? 1 : 0).Select(at => logarithmic ? Math.Pow(10, at) : at)
                .Select(value => new CurveTick(Y(value), value.ToString("G3", CultureInfo.InvariantCulture)))],
            logarithmic, first, last);
    }

    private static double X(double step, int first, int last) => Left + ((step - first) / Math.Max(1, last - first) * (Width - Left - Right));

    private static string Points(MetricSeries series, Func<double, double> x, Func<double, double> y) =>
        string.Join(' ', series.Steps.Zip(series.Values).Where(point => double.IsFinite(point.Second))
            .Select(point => string.Create(CultureInfo.InvariantCulture, $"{x(point.First):0.#},{y(point.Second):0.#}")));

    /// <summary>Round numbers within the bounds: multiples of 1, 2 or 5 times a power of ten, at most about five.</summary>
    private static IEnumerable<double> Ticks(double low, double high, double smallest)
    {
        var least = Math.Max((high - low) / Intervals, smallest);
        var power = Math.Pow(10, Math.Floor(Math.Log10(least)));
        var every = power * new[] { 1, 2, 5, 10 }.First(factor => factor * power >= least * (1 - 1e-9));
        for (var multiple = Math.Ceiling((low / every) - 1e-9); multiple * every <= high + (every * 1e-9); multiple++)
            yield return multiple * every;
    }
}

/// <summary>One metric in a <see cref="Curve"/>.</summary>
/// <param name="Name">The metric.</param>
/// <param name="Points">As an SVG polyline takes them.</param>
public sealed record CurveLine(string Name, string Points);

/// <summary>A mark on an axis.</summary>
/// <param name="At">Where, in the units of the picture.</param>
/// <param name="Label">What it says.</param>
public sealed record CurveTick(double At, string Label);
