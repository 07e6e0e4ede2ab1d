using Mlops.Monitoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Monitoring;

public sealed class ChanceTests
{
    /// <summary>Newcombe: "Two-sided confidence intervals for the single proportion", Statistics in Medicine 17, 1998, table I, method 5, whose sides are wrong in 2.5 % each.</summary>
    [Theory]
    [InlineData(81, 263, 0.2527)]
    [InlineData(15, 148, 0.0578)]
    [InlineData(0, 20, 0)]
    [InlineData(1, 29, 0.0009)]
    public void LowerShare_At95Percent_IsThePublishedLimit(long count, long of, double published) => Chance.LowerShare(count, of, 0.025).ShouldBe(published, 0.00005);

    /// <summary>All of n: the share p for which p to the power of n is one in a thousand.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(1_000_000)]
    public void LowerShare_OfAll_IsTheRoot(long all) => Chance.LowerShare(all, all).ShouldBe(Math.Pow(0.001, 1.0 / all), 1e-6);

    [Fact]
    public void LowerShare_OfNothing_IsZero() => Chance.LowerShare(0, 0).ShouldBe(0);

    /// <summary>Upper 0.1 % points as every table has them.</summary>
    [Theory]
    [InlineData(1, 10.828)]
    [InlineData(9, 27.877)]
    [InlineData(30, 59.703)]
    public void ChiSquareUpper_IsTheTablesValue(int degrees, double published) => Chance.ChiSquareUpper(degrees).ShouldBe(published, 0.0005);
}
