using Mlops.Chaos;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Chaos;

public sealed class RecoveryTimesTests
{
    [Theory]
    [InlineData(0.5, 2)]
    [InlineData(0.99, 4)]
    [InlineData(0.25, 1)]
    public void Percentile_OfFourValues_IsTheOneThatTheShareDoesNotExceed(double share, int expected) =>
        RecoveryTimes.Percentile(new[] { 4, 1, 3, 2 }.Select(seconds => TimeSpan.FromSeconds(seconds)), share).ShouldBe(TimeSpan.FromSeconds(expected));

    [Fact]
    public void Recovery_OfRunsUnderWay_IsTheirFirstStepAndTheLastOnesFirstStep()
    {
        var begun = new DateTimeOffset(2026, 1, 2, 3, 4, 0, TimeSpan.Zero);
        DateTimeOffset[][] runs = [
            At(2, 13, 14),
            At(3, 11, 12),
            // It had ended before the fault did.
            At(1, 5),
            // It began after.
            At(10.2, 10.7),
        ];
        RecoveryTimes.Of(runs, begun.AddSeconds(10)).ShouldBe(new RecoveryTimes(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)));
        RecoveryTimes.Of(runs, begun.AddSeconds(20)).ShouldBe(new RecoveryTimes(null, null));

        DateTimeOffset[] At(params double[] seconds) => [.. seconds.Select(second => begun.AddSeconds(second))];
    }
}
