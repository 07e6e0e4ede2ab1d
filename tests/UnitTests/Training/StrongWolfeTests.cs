using Mlops.Training.Optimization;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>The functions along a line of Moré and Thuente (1994), section 5, from first steps far too short to far too long.</summary>
public sealed class StrongWolfeTests
{
    private static readonly Dictionary<string, Func<double, (double Loss, double Slope)>> Functions = new()
    {
        ["one dip"] = x => (-x / ((x * x) + 2), ((x * x) - 2) / Math.Pow((x * x) + 2, 2)),
        ["a steep fall"] = x => (Math.Pow(x + 0.004, 5) - (2 * Math.Pow(x + 0.004, 4)), (5 * Math.Pow(x + 0.004, 4)) - (8 * Math.Pow(x + 0.004, 3))),
        ["a wall"] = x => (x < 3 ? (x * x) - (4 * x) : double.NaN, (2 * x) - 4),
    };

    public static TheoryData<string, double> Cases => [.. from name in Functions.Keys from first in new[] { 1e-3, 0.1, 1, 10, 1e3 } select (name, first)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Search_AnyFirstStep_SatisfiesBothConditions(string name, double first)
    {
        var (loss, slope) = Functions[name](0);

        var step = new StrongWolfe(Functions[name], loss, slope).Search(first);

        var (found, flatness) = Functions[name](step);
        step.ShouldBeGreaterThan(0);
        found.ShouldBeLessThanOrEqualTo(loss + (1e-4 * step * slope));
        Math.Abs(flatness).ShouldBeLessThanOrEqualTo(0.9 * Math.Abs(slope));
    }

    [Fact]
    public void Search_NothingFalls_StaysWhereItIs() =>
        new StrongWolfe(x => (x, 1), 0, -1).Search(1).ShouldBe(0, 1e-6);
}
