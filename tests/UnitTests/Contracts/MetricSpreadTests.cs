using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Contracts;

// Values: tests/oracles/folds.py.
public sealed class MetricSpreadTests
{
    [Fact]
    public void Of_Values_IsAsNumPySays()
    {
        var (mean, deviation) = MetricSpread.Of([0.9, 0.8, 1.0, 0.7]);
        mean.ShouldBe(0.85, 1e-12);
        deviation.ShouldBe(0.12909944487358058, 1e-12);
        MetricSpread.Of([2.5]).ShouldBe(new MetricSpread(2.5, 0));
    }

    [Fact]
    public void Over_Trainings_TakesEachMetricByItself() =>
        MetricSpread.Over([new Dictionary<string, double> { ["r2"] = 1, ["mae"] = 4 }, new Dictionary<string, double> { ["r2"] = 0, ["mae"] = 4 }])
            .ShouldBe(new Dictionary<string, MetricSpread> { ["r2"] = new(0.5, Math.Sqrt(0.5)), ["mae"] = new(4, 0) });
}
