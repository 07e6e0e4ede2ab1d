using CsCheck;
using Mlops.Monitoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Monitoring;

public sealed class SketchBinsTests
{
    /// <summary>What the sketch promises: any quantile within its relative accuracy of the value that has that rank.</summary>
    [Fact]
    public void Quantile_OfAnyValues_IsWithinTheRelativeAccuracy() =>
        Gen.Select(Gen.Double[-1e6, 1e6].Array[1, 300], Gen.Double[0, 1]).Sample((values, quantile) =>
        {
            var exact = values.Order().ElementAt((int)Math.Floor(quantile * (values.Length - 1)));
            var told = SketchBins.Quantile(Counts(values), quantile)!.Value;
            Math.Abs(told - exact).ShouldBeLessThanOrEqualTo((Math.Abs(exact) * SketchBins.RelativeAccuracy * 1.0001) + 1e-9);
        });

    [Fact]
    public void Sum_OfTwoParts_IsTheSketchOfBoth() =>
        Gen.Select(Gen.Double[-1e3, 1e3].Array[0, 50], Gen.Double[-1e3, 1e3].Array[0, 50]).Sample((one, other) =>
            SketchBins.Sum([Counts(one), Counts(other)]).OrderBy(bin => bin.Key).ShouldBe(Counts([.. one, .. other]).OrderBy(bin => bin.Key)));

    [Theory]
    [InlineData(0)]
    [InlineData(1e-12)]
    [InlineData(-1e-12)]
    public void Of_NextToNothing_IsZero(double value) => SketchBins.ValueOf(SketchBins.Of(value)).ShouldBe(0);

    [Fact]
    public void Of_WhatHasNoPlace_HasABinOfItsOwnOrTheOutermost()
    {
        SketchBins.Of(double.NaN).ShouldBe(SketchBins.NotANumber);
        SketchBins.Of(double.PositiveInfinity).ShouldBe(SketchBins.Of(1e300));
        SketchBins.Of(double.NegativeInfinity).ShouldBe(-SketchBins.Of(double.MaxValue));
    }

    [Fact]
    public void CountAbove_AValue_CountsTheLargerOnes() => SketchBins.CountAbove(Counts([1, 2, 3, 100]), 2.5).ShouldBe(2);

    [Fact]
    public void Quantile_OfNothing_IsNone() => SketchBins.Quantile(new Dictionary<int, long>(), 0.5).ShouldBeNull();

    private static Dictionary<int, long> Counts(IEnumerable<double> values) => values.GroupBy(SketchBins.Of).ToDictionary(bin => bin.Key, bin => (long)bin.Count());
}
