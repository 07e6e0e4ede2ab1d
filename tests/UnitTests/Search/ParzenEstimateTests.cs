using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Search;
using Mlops.Tabular;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Search;

// Values: tests/oracles/search.py.
public sealed class ParzenEstimateTests
{
    private static readonly NumberRangeSpec Unit = new() { Min = 0, Max = 1 };
    private static readonly NumberRangeSpec Linear = new() { Min = -5, Max = 10 };
    private static readonly NumberRangeSpec Log = new() { Min = 1e-5, Max = 1, Scale = RangeScale.Log };
    private static readonly NumberRangeSpec Whole = new() { Min = 1, Max = 20, IsInteger = true };
    private static readonly NumberRangeSpec WholeLog = new() { Min = 8, Max = 512, IsInteger = true, Scale = RangeScale.Log };

    [Fact]
    public void LogDensity_NothingFound_IsThePriors() =>
        Check(Unit, [], [(0, -0.0840221995091), (0.25, 0.00972780049095), (1, -0.0840221995091)]);

    [Fact]
    public void LogDensity_Numbers_IsThatOfTheMixture() =>
        Check(Linear, [3.2, 2.9, 9.5], [(-5, -3.59663207921), (2.9, -2.41552766862), (3, -2.41236454194), (7.5, -2.62899763849), (10, -2.82601941112)]);

    [Fact]
    public void LogDensity_NumbersOnALogarithmicScale_IsThatOfTheirLogarithms() =>
        Check(Log, [0.003, 0.01, 0.5, 0.004], [(1e-05, -3.78652131771), (0.0035, -1.9610300006), (0.1, -2.42175496646), (1, -2.74012885541)]);

    [Fact]
    public void LogDensity_WholeNumbers_IsTheProbabilityOfTheirRoom() =>
        Check(Whole, [3, 3, 17], [(1, -2.76021301354), (3, -2.66512271089), (10, -3.06725073772), (20, -3.41146222792)]);

    [Fact]
    public void LogDensity_WholeNumbersOnALogarithmicScale_IsTheProbabilityOfWhatRoundsToThem() =>
        Check(WholeLog, [64, 100, 32], [(8, -4.44236914931), (50, -4.90579674269), (512, -8.77020640668)]);

    [Fact]
    public void LogDensity_AllWholeNumbers_AreCertainTogether()
    {
        var axis = Axis.Of(WholeLog);
        var estimate = axis.EstimateFrom([Math.Log(8), Math.Log(9), Math.Log(512)]);
        Enumerable.Range(8, 505).Sum(number => Math.Exp(estimate.LogDensity(Math.Log(number)))).ShouldBe(1, 1e-12);
    }

    [Fact]
    public void Draw_Often_FollowsTheDensity()
    {
        var (axis, random) = (Axis.Of(Whole), new SeededRandom(5));
        var estimate = axis.EstimateFrom([3, 3, 17]);
        var drawn = Enumerable.Range(0, 20_000).Select(_ => estimate.Draw(random)).CountBy(position => position).ToDictionary();
        drawn.Keys.ShouldAllBe(position => position >= 1 && position <= 20 && position == Math.Floor(position));
        for (var number = 1; number <= 20; number++)
            (drawn[number] / 20_000.0).ShouldBe(Math.Exp(estimate.LogDensity(number)), 0.01, $"{number}");
    }

    /// <summary>By hand: of a, a, b and three values, (2 + 1) / (3 + 3), 2/6 and 1/6.</summary>
    [Fact]
    public void Choices_OfAList_AreCountedAndOnceMoreEach()
    {
        var axis = Axis.Of(new ChoiceSpec { Values = [.. new[] { "a", "b", "c" }.Select(value => JsonSerializer.SerializeToElement(value))] });
        var estimate = axis.EstimateFrom([.. new[] { "a", "a", "b" }.Select(value => axis.PositionOf(JsonSerializer.SerializeToElement(value)))]);
        Enumerable.Range(0, 3).Select(place => Math.Exp(estimate.LogDensity(place))).ShouldBe([0.5, 1 / 3.0, 1 / 6.0], 1e-15);
        var random = new SeededRandom(1);
        Enumerable.Range(0, 6_000).Count(_ => estimate.Draw(random) == 0).ShouldBeInRange(2_850, 3_150);
    }

    [Theory]
    [InlineData(-8.5, -8, 6.126165226e-16)]
    [InlineData(-3, 0, 0.4986501019683699)]
    [InlineData(-0.1, 0.5, 0.2312902985510421)]
    [InlineData(0.5, 2, 0.2857874067778076)]
    [InlineData(2, 6, 0.022750130961591508)]
    [InlineData(-40, 40, 1)]
    public void Normal_BetweenTwoNumbers_IsItsProbability(double from, double to, double expected) =>
        Normal.Between(from, to).ShouldBe(expected, 1e-15);

    private static void Check(NumberRangeSpec range, double[] found, (double At, double Expected)[] values)
    {
        var axis = Axis.Of(range);
        double PositionOf(double number) => axis.PositionOf(range.Setting(number));
        var estimate = axis.EstimateFrom([.. found.Select(PositionOf)]);
        foreach (var (at, expected) in values)
            estimate.LogDensity(PositionOf(at)).ShouldBe(expected, 1e-10, $"at {at}");
    }
}
