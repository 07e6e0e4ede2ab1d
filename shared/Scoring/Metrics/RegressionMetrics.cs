using Mlops.Contracts;

namespace Mlops.Scoring.Metrics;

/// <summary>How one target of a regression fared.</summary>
/// <param name="Target">Its name.</param>
/// <param name="R2">Coefficient of determination.</param>
/// <param name="Mse">Mean squared error.</param>
/// <param name="Rmse">Its root, in the target's unit.</param>
/// <param name="Mae">Mean absolute error, in the target's unit.</param>
public sealed record TargetMetrics(string Target, double R2, double Mse, double Rmse, double Mae);

/// <summary>
/// Metrics of a regression. Over several targets R², MSE and MAE are the targets' means (scikit-learn's
/// <c>uniform_average</c>), and RMSE is the root of that MSE.
/// </summary>
/// <param name="Metrics">By <see cref="MetricNames"/>. A prediction that is not finite makes them so.</param>
/// <param name="Targets">In the order of the model's targets.</param>
public sealed record RegressionMetrics(IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<TargetMetrics> Targets)
{
    /// <summary>Compares predictions with the truth.</summary>
    /// <param name="targets">The targets' names.</param>
    /// <param name="actual">Row-major, rows × targets; finite.</param>
    /// <param name="scores">The model's answers.</param>
    /// <exception cref="Fault">There are no rows.</exception>
    public static RegressionMetrics Of(IReadOnlyList<string> targets, ReadOnlySpan<double> actual, Scores scores)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Width, targets.Count);
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Length, scores.Rows * scores.Width);
        if (actual.IsEmpty)
            throw Fault.Invalid("test", "there are no test rows; at least one is needed to evaluate a model");
        var perTarget = new TargetMetrics[targets.Count];
        for (var index = 0; index < perTarget.Length; index++)
            perTarget[index] = ForTarget(targets[index], Column(actual, index, targets.Count), Column(scores.Outputs, index, targets.Count));
        var mse = perTarget.Average(target => target.Mse);
        var metrics = new Dictionary<string, double>
        {
            [MetricNames.R2] = perTarget.Average(target => target.R2),
            [MetricNames.Mse] = mse,
            [MetricNames.Rmse] = Math.Sqrt(mse),
            [MetricNames.Mae] = perTarget.Average(target => target.Mae),
        };
        return new RegressionMetrics(metrics, perTarget);
    }

    private static TargetMetrics ForTarget(string target, double[] actual, double[] predicted)
    {
        // The mean of equal numbers can round away from them, and R² would divide by the rest.
        var mean = actual.All(value => value == actual[0]) ? actual[0] : actual.Average();
        double squares = 0, absolutes = 0, spread = 0;
        for (var row = 0; row < actual.Length; row++)
        {
            var error = predicted[row] - actual[row];
            squares += error * error;
            absolutes += Math.Abs(error);
            spread += (actual[row] - mean) * (actual[row] - mean);
        }
        var mse = squares / actual.Length;
        return new TargetMetrics(target, R2(squares, spread, actual.Length), mse, Math.Sqrt(mse), absolutes / actual.Length);
    }

    /// <summary>As scikit-learn: undefined below two rows; of a constant target 1 when it is met exactly and 0 when not.</summary>
    private static double R2(double squares, double spread, int rows)
    {
        if (rows < 2 || !double.IsFinite(squares))
            return double.NaN;
        if (spread == 0)
            return squares == 0 ? 1 : 0;
        return 1 - squares / spread;
    }

    private static double[] Column(ReadOnlySpan<double> values, int index, int width)
    {
        var column = new double[values.Length / width];
        for (var row = 0; row < column.Length; row++)
            column[row] = values[row * width + index];
        return column;
    }

    private static double[] Column(ReadOnlySpan<float> values, int index, int width)
    {
        var column = new double[values.Length / width];
        for (var row = 0; row < column.Length; row++)
            column[row] = values[row * width + index];
        return column;
    }
}
