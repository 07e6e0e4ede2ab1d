using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class RunPaceTests
{
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1.9, 0)]
    [InlineData(2, 1)]
    [InlineData(50, 5)]
    public void Patience_OfRunsThatLong_IsATenthOrNothing(double runMilliseconds, double milliseconds)
    {
        var pace = new RunPace();
        pace.End(TimeSpan.FromMilliseconds(runMilliseconds));
        pace.Patience.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    [InlineData(3, 2)]
    [InlineData(63, 32)]
    [InlineData(1000, 64)]
    public void Share_OfTwoRuns_IsHalfOfWhatIsAskedFor(long rows, int share)
    {
        var pace = new RunPace();
        pace.See(rows);
        pace.Share(runs: 2, capacity: 64).ShouldBe(share);
    }

    [Fact]
    public void Share_AfterTheCallersHaveGone_FallsByHalves()
    {
        var pace = new RunPace();
        pace.See(64);
        int[] shares = [.. Enumerable.Range(0, 7).Select(_ =>
        {
            pace.Begin(1);
            return pace.Share(runs: 1, capacity: 64);
        })];
        shares.ShouldBe([32, 16, 8, 4, 2, 1, 1]);
    }
}
