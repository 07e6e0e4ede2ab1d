namespace Mlops.Contracts;

/// <summary>What a metric came to over several trainings, such as the folds of a cross-validation.</summary>
/// <param name="Mean">The arithmetic mean.</param>
/// <param name="StandardDeviation">The sample's (n − 1), in the metric's unit; 0 of one value.</param>
public sealed record MetricSpread(double Mean, double StandardDeviation)
{
    /// <summary>The spread of one metric.</summary>
    /// <param name="values">At least one. One that is not finite makes the spread so.</param>
    public static MetricSpread Of(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        return new MetricSpread(mean, values.Count == 1 ? 0 : Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1)));
    }

    /// <summary>The spread of each metric, by its name and in the order of the first training's.</summary>
    /// <param name="trainings">Each training's metrics by name, the same names in all; none gives no metric.</param>
    public static IReadOnlyDictionary<string, MetricSpread> Over(IReadOnlyList<IReadOnlyDictionary<string, double>> trainings) =>
        trainings.Count == 0 ? new Dictionary<string, MetricSpread>() : trainings[0].Keys.ToDictionary(name => name, name => Of([.. trainings.Select(metrics => metrics[name])]));
}
