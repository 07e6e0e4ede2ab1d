using Mlops.Monitoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Monitoring;

public sealed class PopulationStabilityTests
{
    /// <summary>
    /// Worked by hand: shares 0.5, 0.3, 0.2 against 0.4, 0.4, 0.2 give −0.1·ln 0.8 + 0.1·ln(4/3) + 0 = 0.022314 + 0.028768.
    /// </summary>
    [Fact]
    public void Of_Categories_IsTheSumOverTheirShares() =>
        PopulationStability.Of(Counts(("a", 50), ("b", 30), ("c", 20)), Counts(("a", 400), ("b", 400), ("c", 200))).Value.ShouldBe(0.051082, 1e-6);

    [Fact]
    public void Of_TheSame_IsZero() => PopulationStability.Of(Counts(("a", 5), ("b", 3)), Counts(("a", 50), ("b", 30))).Value.ShouldBe(0, 1e-12);

    /// <summary>A category that is missing counts as half a row: (0.5 − 0.005)·ln 100 + (0.5 − 1)·ln 0.5.</summary>
    [Fact]
    public void Of_ACategoryThatOneSideLacks_IsFinite() =>
        PopulationStability.Of(Counts(("a", 100)), Counts(("a", 50), ("b", 50))).Value.ShouldBe((0.495 * Math.Log(100)) + (-0.5 * Math.Log(0.5)), 1e-9);

    [Fact]
    public void OfNumbers_TheSameDistribution_IsWithinChance()
    {
        var random = new Random(5);
        var index = PopulationStability.OfNumbers(Normal(random, 2_000, 10), Normal(random, 2_000, 10));

        index.Groups.ShouldBe(10);
        index.Value.ShouldBeLessThan(index.Noise);
    }

    /// <summary>
    /// Two normal distributions of one standard deviation σ whose means are δ·σ apart have J-divergence δ² (Kullback, Leibler);
    /// ten groups keep most of it.
    /// </summary>
    [Theory]
    [InlineData(0.5, 0.25)]
    [InlineData(1.0, 1.0)]
    public void OfNumbers_AShiftedMean_IsAlmostItsDivergence(double shift, double divergence)
    {
        var random = new Random(6);
        var index = PopulationStability.OfNumbers(Normal(random, 50_000, 10), Normal(random, 50_000, 10 + shift));

        index.Value.ShouldBeInRange(divergence * 0.8, divergence * 1.02);
        index.Value.ShouldBeGreaterThan(index.Noise);
    }

    [Fact]
    public void OfNumbers_ConstantsAndWhatIsNone_AreCompared()
    {
        PopulationStability.OfNumbers(Bins(7, 7, 7, 7), Bins(7, 7, 7, 7)).Value.ShouldBe(0, 1e-12);
        var broken = PopulationStability.OfNumbers(Bins([.. Enumerable.Repeat(7.0, 500)]), Bins([.. Enumerable.Repeat(double.NaN, 500)]));
        broken.Value.ShouldBeGreaterThan(5);
        broken.Value.ShouldBeGreaterThan(broken.Noise);
    }

    private static Dictionary<string, long> Counts(params (string Key, long Count)[] counts) => counts.ToDictionary(pair => pair.Key, pair => pair.Count);

    private static Dictionary<int, long> Bins(params double[] values) => values.GroupBy(SketchBins.Of).ToDictionary(bin => bin.Key, bin => (long)bin.Count());

    /// <summary>Standard deviation 1, by Box and Muller.</summary>
    private static Dictionary<int, long> Normal(Random random, int count, double mean) => Bins(
        [.. Enumerable.Range(0, count).Select(_ => mean + (Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))]);
}
