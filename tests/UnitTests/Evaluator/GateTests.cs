using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Evaluator;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Evaluator;

public sealed class GateTests
{
    [Theory]
    [InlineData(0.87, false, "accuracy 0.87 is below the gate's minimum 0.9")]
    [InlineData(0.9, true, "accuracy 0.9 meets the gate's minimum 0.9")]
    [InlineData(0.9333333333, true, "accuracy 0.933333 meets the gate's minimum 0.9")]
    [InlineData(0.8999999, false, "accuracy 0.8999999 is below the gate's minimum 0.9")]
    [InlineData(double.NaN, false, "accuracy is NaN, which meets no gate; this one asks for minimum 0.9")]
    [InlineData(double.PositiveInfinity, false, "accuracy is Infinity, which meets no gate; this one asks for minimum 0.9")]
    public void Judge_Minimum_SaysWhy(double value, bool passed, string reason) =>
        Judge(new GateSpec { Metric = MetricNames.Accuracy, Min = 0.9 }, value).ShouldBe((passed, reason));

    [Theory]
    [InlineData(51, false, "rmse 51 is above the gate's maximum 50")]
    [InlineData(50, true, "rmse 50 meets the gate's maximum 50")]
    [InlineData(double.NaN, false, "rmse is NaN, which meets no gate; this one asks for maximum 50")]
    public void Judge_Maximum_SaysWhy(double value, bool passed, string reason) =>
        Judge(new GateSpec { Metric = MetricNames.Rmse, Max = 50 }, value).ShouldBe((passed, reason));

    [Theory]
    [InlineData(0.5, true, "r2 0.5 meets the gate's minimum 0.4 and maximum 0.99")]
    [InlineData(1, false, "r2 1 is above the gate's maximum 0.99")]
    public void Judge_Both_AsksForBoth(double value, bool passed, string reason) =>
        Judge(new GateSpec { Metric = MetricNames.R2, Min = 0.4, Max = 0.99 }, value).ShouldBe((passed, reason));

    [Fact]
    public void Judge_MetricThatWasNotMeasured_Fails()
    {
        var verdict = Gate.Judge([new GateSpec { Metric = MetricNames.F1, Min = 0 }], new Dictionary<string, double>()).ShouldHaveSingleItem();
        verdict.Passed.ShouldBeFalse();
        verdict.Reason.ShouldBe("f1 was not measured; the gate asks for minimum 0");
    }

    [Fact]
    public void Judge_NoGates_GivesNoVerdicts() => Gate.Judge([], new Dictionary<string, double>()).ShouldBeEmpty();

    private static (bool Passed, string Reason) Judge(GateSpec gate, double value)
    {
        var verdict = Gate.Judge([gate], new Dictionary<string, double> { [gate.Metric] = value }).ShouldHaveSingleItem();
        verdict.Metric.ShouldBe(gate.Metric);
        verdict.Value.ShouldBe(value);
        return (verdict.Passed, verdict.Reason);
    }
}
