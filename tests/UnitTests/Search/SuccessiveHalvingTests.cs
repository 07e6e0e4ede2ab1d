using Mlops.Contracts.Spec;
using Mlops.Search;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Search;

public sealed class SuccessiveHalvingTests
{
    [Theory]
    [InlineData(1, 3, 30, new[] { 1, 3, 9, 27 })]
    [InlineData(5, 4, 80, new[] { 5, 20 })]
    [InlineData(5, 3, 5, new int[0])]
    [InlineData(1_000_000, 100, int.MaxValue, new[] { 1_000_000, 100_000_000 })]
    public void Rungs_OfATraining_AreBeforeItsEnd(int minEpochs, int reduction, int epochs, int[] expected) =>
        SuccessiveHalving.Rungs(new SuccessiveHalvingSpec { MinEpochs = minEpochs, Reduction = reduction }, epochs).ShouldBe(expected);

    /// <summary>η = 3: of 1 to 5 that got there the best goes on, of 6 to 8 the best two, of 9 the best three.</summary>
    [Theory]
    [InlineData(0.5, new double[0], true)]
    [InlineData(0.5, new[] { 0.6 }, true)]
    [InlineData(0.5, new[] { 0.4 }, false)]
    [InlineData(0.5, new[] { 0.5 }, true)]
    [InlineData(0.5, new[] { 0.4, 0.6, 0.7, 0.8 }, false)]
    [InlineData(0.5, new[] { 0.4, 0.6, 0.7, 0.8, 0.9 }, true)]
    [InlineData(0.5, new[] { 0.3, 0.4, 0.7, 0.8, 0.9 }, false)]
    [InlineData(0.5, new[] { 0.3, 0.4, 0.7, 0.8, 0.9, 1.0, 1.1, 1.2 }, true)]
    public void GoesOn_AmongOthers_OnlyTheBestThird(double cost, double[] others, bool goesOn) =>
        SuccessiveHalving.GoesOn(new SuccessiveHalvingSpec { Reduction = 3 }, cost, others).ShouldBe(goesOn);

    [Fact]
    public void GoesOn_ThatArriveFromTheWorstToTheBest_AllDo() =>
        Arrive([9, 8, 7, 6, 5, 4, 3, 2, 1]).ShouldBe([9, 8, 7, 6, 5, 4, 3, 2, 1]);

    [Fact]
    public void GoesOn_ThatArriveFromTheBestToTheWorst_OnlyTheFirstDoes() =>
        Arrive([1, 2, 3, 4, 5, 6, 7, 8, 9]).ShouldBe([1]);

    private static List<double> Arrive(double[] costs)
    {
        var spec = new SuccessiveHalvingSpec { Reduction = 3 };
        return [.. costs.Where((cost, place) => SuccessiveHalving.GoesOn(spec, cost, costs[..place]))];
    }
}
