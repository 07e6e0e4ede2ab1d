using Mlops.Contracts;
using Mlops.Scoring;
using Mlops.Scoring.Metrics;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Evaluator;

// Values: tests/oracles/metrics.py, "regression".
public sealed class RegressionMetricsTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Of_OneTarget_IsAsScikitLearnSays()
    {
        var measured = Measure(1, [3, -0.5, 2, 7], [2.5f, 0, 2, 8]).Metrics;
        measured.Keys.ShouldBe(MetricNames.For(TaskKind.Regression));
        measured[MetricNames.R2].ShouldBe(0.9486081370449679, Tolerance);
        measured[MetricNames.Mse].ShouldBe(0.375, Tolerance);
        measured[MetricNames.Rmse].ShouldBe(0.6123724356957945, Tolerance);
        measured[MetricNames.Mae].ShouldBe(0.5, Tolerance);
    }

    [Fact]
    public void Of_TwoTargets_AveragesThem()
    {
        var measured = Measure(2, [3, 0.5, -0.5, 1, 2, 2, 7, -1.5], [2.5f, 0.25f, 0, 1.5f, 2, 2, 8, -1]);
        measured.Metrics[MetricNames.R2].ShouldBe(0.9310348377532531, Tolerance);
        measured.Metrics[MetricNames.Mse].ShouldBe(0.2578125, Tolerance);
        measured.Metrics[MetricNames.Rmse].ShouldBe(Math.Sqrt(0.2578125), Tolerance);
        measured.Metrics[MetricNames.Mae].ShouldBe(0.40625, Tolerance);
        measured.Targets[0].R2.ShouldBe(0.9486081370449679, Tolerance);
        measured.Targets.Select(target => target.Target).ShouldBe(["t0", "t1"]);
    }

    [Theory]
    [InlineData(2, 2f, 1)]
    [InlineData(2, 3f, 0)]
    [InlineData(0.1, 0.1f, 0)] // a float is not 0.1; the mean of three 0.1 is not either, and R² must not divide by that
    public void Of_ConstantTarget_IsOneWhenMetAndElseZero(double actual, float last, double r2) =>
        Measure(1, [actual, actual, actual], [(float)actual, (float)actual, last]).Metrics[MetricNames.R2].ShouldBe(r2);

    [Fact]
    public void Of_OneRow_HasNoR2() => Measure(1, [1], [1]).Metrics[MetricNames.R2].ShouldBe(double.NaN);

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void Of_PredictionThatIsNotFinite_MakesMetricsSo(float prediction) =>
        Measure(1, [1, 1, 1], [1, 1, prediction]).Metrics.Values.ShouldAllBe(value => !double.IsFinite(value));

    [Fact]
    public void Of_NoRows_IsAFault() => Should.Throw<Fault>(() => Measure(1, [], [])).Message.ShouldContain("no test rows");

    private static RegressionMetrics Measure(int targets, double[] actual, float[] predicted) =>
        RegressionMetrics.Of([.. Enumerable.Range(0, targets).Select(index => $"t{index}")], actual, new Scores(actual.Length / targets, targets, [], predicted));
}
