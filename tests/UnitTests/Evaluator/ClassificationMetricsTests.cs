using Mlops.Contracts;
using Mlops.Scoring;
using Mlops.Scoring.Metrics;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Evaluator;

public sealed class ClassificationMetricsTests
{
    private const double Tolerance = 1e-12;

    private static readonly int[] Actual = [0, 0, 1, 1, 1, 2, 2, 0];

    private static readonly float[][] Sixteenths =
        [[12, 2, 2], [4, 8, 4], [2, 12, 2], [8, 6, 2], [1, 12, 3], [2, 2, 12], [6, 4, 6], [10, 4, 2]];

    private static readonly int[] Predicted = [0, 1, 1, 0, 1, 2, 0, 0];

    // Values: tests/oracles/metrics.py, "three classes".
    [Fact]
    public void Of_ThreeClasses_IsAsScikitLearnSays()
    {
        var measured = Measure(["a", "b", "c"], Actual, Predicted, Sixteenths);
        Close(measured.Metrics, (MetricNames.Accuracy, 0.625), (MetricNames.Precision, 0.7222222222222222), (MetricNames.Recall, 0.611111111111111),
            (MetricNames.F1, 0.6349206349206349), (MetricNames.LogLoss, 0.6210855982745253), (MetricNames.RocAuc, 0.9333333333333332));
        measured.ConfusionMatrix.ShouldBe(new[] { new[] { 2, 1, 0 }, [1, 2, 0], [1, 0, 1] });
        measured.Classes.Select(one => one.Support).ShouldBe([3, 3, 2]);
        measured.Classes.Select(one => one.RocAuc!.Value).ShouldBe([0.8666666666666667, 0.9333333333333333, 1], Tolerance);
        measured.Classes[0].ShouldBe(new ClassMetrics("a", 3, 0.5, 2 / 3.0, 4 / 7.0, measured.Classes[0].RocAuc));
        measured.Classes[2].ShouldBe(new ClassMetrics("c", 2, 1, 0.5, 2 / 3.0, 1));
    }

    // "class 2 is absent": its precision, recall and F1 are 0 in the means; its area is not there.
    [Fact]
    public void Of_ClassAbsentFromTheTestRows_CountsAsZeroAndHasNoArea()
    {
        int[] rows = [0, 1, 2, 3, 4, 7];
        var measured = Measure(["a", "b", "c"], [.. rows.Select(row => Actual[row])], [.. rows.Select(row => Predicted[row])], [.. rows.Select(row => Sixteenths[row])]);
        Close(measured.Metrics, (MetricNames.Accuracy, 2 / 3.0), (MetricNames.Precision, 4 / 9.0), (MetricNames.Recall, 4 / 9.0),
            (MetricNames.F1, 4 / 9.0), (MetricNames.LogLoss, 0.6166955767887825), (MetricNames.RocAuc, 0.888888888888889));
        measured.Classes[2].ShouldBe(new ClassMetrics("c", 0, 0, 0, 0, null));
    }

    // "two classes".
    [Fact]
    public void Of_TwoClasses_TakesTheSecondsArea()
    {
        float[] second = [2, 12, 6, 6, 10, 9, 9];
        var measured = Measure(
            ["no", "yes"], [0, 1, 1, 0, 1, 0, 1], [.. second.Select(value => value > 8 ? 1 : 0)], [.. second.Select(value => new[] { 16 - value, value })]);
        Close(measured.Metrics, (MetricNames.Accuracy, 5 / 7.0), (MetricNames.Precision, 0.7083333333333333), (MetricNames.Recall, 0.7083333333333333),
            (MetricNames.F1, 0.7083333333333333), (MetricNames.LogLoss, 0.5348703849525044), (MetricNames.RocAuc, 0.8333333333333334));
    }

    [Fact]
    public void Of_ProbabilityZeroOfTheTrueClass_IsClipped() =>
        // −ln 10⁻¹⁵ = 15 ln 10.
        Measure(["a", "b"], [0], [1], [[0, 16]]).Metrics[MetricNames.LogLoss].ShouldBe(34.538776394910684, Tolerance);

    [Fact]
    public void Of_OneClassInTheTestRows_HasNoAreaAtAll() =>
        Measure(["a", "b"], [0, 0], [0, 0], [[12, 4], [10, 6]]).Metrics[MetricNames.RocAuc].ShouldBe(double.NaN);

    [Fact]
    public void Of_AllProbabilitiesEqual_HasHalfTheArea() =>
        Measure(["a", "b"], [0, 1, 0], [0, 0, 0], [[8, 8], [8, 8], [8, 8]]).Metrics[MetricNames.RocAuc].ShouldBe(0.5);

    [Fact]
    public void Of_ClassThatTheModelDoesNotKnow_IsWrong()
    {
        var measured = Measure(["a", "b"], [0, -1], [0, 0], [[12, 4], [12, 4]]);
        measured.Metrics[MetricNames.Accuracy].ShouldBe(0.5);
        measured.Classes[0].Precision.ShouldBe(0.5);
        measured.ConfusionMatrix[0].ShouldBe([1, 0]);
        measured.Metrics[MetricNames.LogLoss].ShouldBe((34.538776394910684 - Math.Log(0.75)) / 2, Tolerance);
    }

    [Fact]
    public void Of_NoPredictedClass_IsWrongEvenForAnUnknownOne() =>
        Measure(["a", "b"], [0, -1], [-1, -1], [[12, 4], [12, 4]]).Metrics[MetricNames.Accuracy].ShouldBe(0);

    [Fact]
    public void Of_ProbabilitiesThatAreNoNumbers_AreWrong()
    {
        var measured = Measure(["a", "b"], [0, 0, 1], [0, 0, 1], [[float.NaN, float.NaN], [12, 4], [4, 12]]);
        measured.Metrics[MetricNames.Accuracy].ShouldBe(2 / 3.0);
        measured.Metrics[MetricNames.LogLoss].ShouldBe(double.NaN);
        measured.Metrics[MetricNames.RocAuc].ShouldBe(double.NaN);
    }

    [Fact]
    public void Of_NoRows_IsAFault() => Should.Throw<Fault>(() => Measure(["a", "b"], [], [], [])).Message.ShouldContain("no test rows");

    private static ClassificationMetrics Measure(string[] classes, int[] actual, int[] predicted, float[][] sixteenths) =>
        ClassificationMetrics.Of(classes, actual, new Scores(actual.Length, classes.Length, predicted, [.. sixteenths.SelectMany(row => row).Select(value => value / 16)]));

    private static void Close(IReadOnlyDictionary<string, double> measured, params (string Name, double Value)[] expected)
    {
        measured.Keys.ShouldBe(expected.Select(metric => metric.Name));
        foreach (var (name, value) in expected)
            measured[name].ShouldBe(value, Tolerance, name);
    }
}
