using Mlops.Governance;
using Mlops.Governance.Pages;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

public sealed class CurveTests
{
    [Fact]
    public void Of_TwoPoints_SpansThePicture()
    {
        var curve = Curve.Of(Series("train/loss", [1, 11], [2, 1]), "train/loss", "validation/loss").ShouldNotBeNull();

        curve.IsLogarithmic.ShouldBeFalse();
        curve.Lines.ShouldHaveSingleItem().Points.ShouldBe("64,8 752,264");
        curve.YTicks.Select(tick => tick.Label).ShouldBe(["1", "1.2", "1.4", "1.6", "1.8", "2"]);
        curve.XTicks.Select(tick => tick.Label).ShouldBe(["2", "4", "6", "8", "10"]);
    }

    [Fact]
    public void Of_ThreeOrdersOfMagnitude_IsLogarithmic()
    {
        var curve = Curve.Of(Series("train/loss", [1, 2, 3], [10, 0.1, 0.001]), "train/loss").ShouldNotBeNull();

        curve.IsLogarithmic.ShouldBeTrue();
        curve.Lines[0].Points.ShouldBe("64,8 408,136 752,264");
        curve.YTicks.Select(tick => tick.Label).ShouldBe(["0.001", "0.01", "0.1", "1", "10"]);
    }

    [Fact]
    public void Of_ConstantOrNotFinite_StaysInThePicture()
    {
        Curve.Of(Series("train/loss", [1, 2], [0.5, 0.5]), "train/loss").ShouldNotBeNull().Lines[0].Points.ShouldBe("64,136 752,136");
        Curve.Of(Series("train/loss", [1, 2, 3], [0.5, double.NaN, 0.5]), "train/loss").ShouldNotBeNull().Lines[0].Points.ShouldBe("64,136 752,136");
        Curve.Of(Series("train/loss", [1, 2], [double.NaN, double.PositiveInfinity]), "train/loss").ShouldNotBeNull().Lines[0].Points.ShouldBe("");
    }

    [Fact]
    public void Of_NothingToDraw_IsNull()
    {
        Curve.Of(new Dictionary<string, MetricSeries>(), "train/loss").ShouldBeNull();
        Curve.Of(Series("train/loss", [1], [0.5]), "train/loss").ShouldBeNull();
    }

    private static Dictionary<string, MetricSeries> Series(string name, int[] steps, double[] values) => new() { [name] = new MetricSeries(steps, values) };
}
