using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

public sealed class CheckpointPacingTests
{
    private static readonly CheckpointPacing Pacing = new(Seconds(2), 0.02);

    [Theory]
    [InlineData(1.9, 0, 0, 0.001, false)] // too early
    [InlineData(2, 0, 0, 0.001, true)]
    [InlineData(2, 0, 0, 0.04, true)] // exactly 2 %
    [InlineData(2, 0, 0, 0.041, false)]
    [InlineData(101, 100, 0.1, 0.001, false)] // too soon after the last
    [InlineData(102, 100, 0.1, 0.001, true)]
    [InlineData(102, 100, 2.1, 0.001, false)] // the share is spent
    [InlineData(400, 100, 4, 4, true)]
    [InlineData(399, 100, 4, 4, false)]
    public void IsDue_IntervalAndShare_BothHold(double elapsed, double last, double spent, double cost, bool due) =>
        Pacing.IsDue(Seconds(elapsed), Seconds(last), Seconds(spent), Seconds(cost)).ShouldBe(due);

    [Fact]
    public void IsDue_ShareOfOne_AsksForTheIntervalOnly() =>
        (Pacing with { Share = 1 }).IsDue(Seconds(2), TimeSpan.Zero, Seconds(50), Seconds(50)).ShouldBeTrue();

    [Theory]
    [InlineData(50_000_000, 150_000_000, 2.0)]
    [InlineData(1 << 30, 0, 10.73741824)]
    [InlineData((1 << 30) + 1, 0, null)]
    public void CostOf_Bytes_GrowsWithThemUpToTheLimit(long bytes, long rowBytes, double? seconds) =>
        CheckpointPacing.CostOf(bytes, rowBytes).ShouldBe(seconds is { } value ? Seconds(value) : null);

    private static TimeSpan Seconds(double seconds) => TimeSpan.FromSeconds(seconds);
}
