using Mlops.Contracts;

namespace Mlops.Scoring.Metrics;

/// <summary>How one class fared.</summary>
/// <param name="Class">Its name.</param>
/// <param name="Support">Test rows that are of it.</param>
/// <param name="Precision">Share of the rows predicted as it that are of it; 0 where none was predicted.</param>
/// <param name="Recall">Share of its rows predicted as it; 0 where it has none.</param>
/// <param name="F1">Harmonic mean of both; 0 where both are 0.</param>
/// <param name="RocAuc">Area of this class against the rest; null where all rows or none are of it, NaN where a probability is.</param>
public sealed record ClassMetrics(string Class, int Support, double Precision, double Recall, double F1, double? RocAuc);

/// <summary>
/// Metrics of a classification, as scikit-learn defines them with all of the model's classes as labels and
/// <c>zero_division=0</c>; macro means are over all classes of the model, absent ones included.
/// </summary>
/// <param name="Metrics">By <see cref="MetricNames"/>.</param>
/// <param name="Classes">In the order of the model's classes.</param>
/// <param name="ConfusionMatrix">[true class][predicted class] → rows. A row without either has no place in it.</param>
public sealed record ClassificationMetrics(
    IReadOnlyDictionary<string, double> Metrics, IReadOnlyList<ClassMetrics> Classes, IReadOnlyList<IReadOnlyList<int>> ConfusionMatrix)
{
    /// <summary>Probabilities below it count as it in the log loss, so that one zero does not make it infinite.</summary>
    public const double LogLossClip = 1e-15;

    /// <summary>Compares predictions with the truth.</summary>
    /// <param name="classes">The model's classes.</param>
    /// <param name="actual">Per row an index into them; −1 for a class that the model does not know: such a row is wrong whatever is predicted.</param>
    /// <param name="scores">The model's answers. A row with a probability that is not finite counts as wrong.</param>
    /// <exception cref="Fault">There are no rows.</exception>
    public static ClassificationMetrics Of(IReadOnlyList<string> classes, ReadOnlySpan<int> actual, Scores scores)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Length, scores.Rows);
        ArgumentOutOfRangeException.ThrowIfNotEqual(scores.Width, classes.Count);
        if (actual.IsEmpty)
            throw Fault.Invalid("test", "there are no test rows; at least one is needed to evaluate a model");
        var predicted = Predictions(scores);
        var areas = RocAuc.OneVersusRest(actual, scores);
        var confusion = Confusion(classes.Count, actual, predicted);
        var perClass = new ClassMetrics[classes.Count];
        for (var index = 0; index < perClass.Length; index++)
            perClass[index] = ForClass(classes[index], index, actual, predicted, areas[index]);
        var metrics = new Dictionary<string, double>
        {
            [MetricNames.Accuracy] = Agreement(actual, predicted),
            [MetricNames.Precision] = perClass.Average(one => one.Precision),
            [MetricNames.Recall] = perClass.Average(one => one.Recall),
            [MetricNames.F1] = perClass.Average(one => one.F1),
            [MetricNames.LogLoss] = LogLoss(actual, scores),
            [MetricNames.RocAuc] = RocAuc.Mean(areas),
        };
        return new ClassificationMetrics(metrics, perClass, confusion);
    }

    private static int[] Predictions(Scores scores)
    {
        var predicted = scores.Predicted.ToArray();
        for (var row = 0; row < predicted.Length; row++)
            foreach (var probability in scores.Row(row))
                if (!float.IsFinite(probability))
                    predicted[row] = -1;
        return predicted;
    }

    private static double Agreement(ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted)
    {
        var right = 0;
        for (var row = 0; row < actual.Length; row++)
            if (actual[row] >= 0 && actual[row] == predicted[row])
                right++;
        return right / (double)actual.Length;
    }

    private static int[][] Confusion(int classes, ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted)
    {
        int[][] matrix = [.. Enumerable.Range(0, classes).Select(_ => new int[classes])];
        for (var row = 0; row < actual.Length; row++)
            if (actual[row] >= 0 && predicted[row] >= 0)
                matrix[actual[row]][predicted[row]]++;
        return matrix;
    }

    private static ClassMetrics ForClass(string name, int index, ReadOnlySpan<int> actual, ReadOnlySpan<int> predicted, double? area)
    {
        int right = 0, support = actual.Count(index), claimed = predicted.Count(index);
        for (var row = 0; row < actual.Length; row++)
            if (actual[row] == index && predicted[row] == index)
                right++;
        return new ClassMetrics(name, support, Share(right, claimed), Share(right, support), Share(2 * right, claimed + support), area);
    }

    private static double Share(int part, int whole) => whole == 0 ? 0 : part / (double)whole;

    private static double LogLoss(ReadOnlySpan<int> actual, Scores scores)
    {
        double sum = 0;
        for (var row = 0; row < actual.Length; row++)
        {
            var probability = actual[row] < 0 ? 0 : (double)scores.Row(row)[actual[row]];
            sum -= Math.Log(Math.Clamp(probability, LogLossClip, 1));
        }
        return sum / actual.Length;
    }
}
