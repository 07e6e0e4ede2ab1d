using Grpc.Core;
using Mlops.Client.Calls;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class RetryPolicyTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly RetryPolicy Policy = new(5, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(300));
    private static readonly RetryHint Silent = new(null, false);

    public static TheoryData<StatusCode> Codes() => [.. Enum.GetValues<StatusCode>()];

    [Theory]
    [MemberData(nameof(Codes))]
    public void Status_OnlyUnavailable_IsTriedAgain(StatusCode status) =>
        Policy.WaitAfter(1, status, Silent, Long, 0.5).HasValue.ShouldBe(status == StatusCode.Unavailable);

    [Theory]
    [MemberData(nameof(Codes))]
    public void StatusWithHint_OnlyUnavailableAndExhausted_IsTriedAgain(StatusCode status) =>
        Policy.WaitAfter(1, status, new RetryHint(TimeSpan.FromMilliseconds(20), false), Long, 0.5).HasValue
            .ShouldBe(status is StatusCode.Unavailable or StatusCode.ResourceExhausted);

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, 200)]
    [InlineData(3, 300)]
    [InlineData(4, 300)]
    public void Backoff_WithEachAttempt_DoublesUpToItsEnd(int attempts, int longest)
    {
        Policy.WaitAfter(attempts, StatusCode.Unavailable, Silent, Long, 1).ShouldBe(TimeSpan.FromMilliseconds(longest));
        Policy.WaitAfter(attempts, StatusCode.Unavailable, Silent, Long, 0.25).ShouldBe(TimeSpan.FromMilliseconds(longest / 4.0));
        Policy.WaitAfter(attempts, StatusCode.Unavailable, Silent, Long, 0).ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Attempts_AllMade_GivesUp() => Policy.WaitAfter(5, StatusCode.Unavailable, Silent, Long, 0).ShouldBeNull();

    [Fact]
    public void Hint_OfATime_IsTheLeastWait() =>
        Policy.WaitAfter(1, StatusCode.ResourceExhausted, new RetryHint(TimeSpan.FromSeconds(2), false), Long, 0.5).ShouldBe(TimeSpan.FromMilliseconds(2050));

    [Fact]
    public void Hint_Never_GivesUp() => Policy.WaitAfter(1, StatusCode.Unavailable, new RetryHint(null, true), Long, 0).ShouldBeNull();

    [Fact]
    public void Wait_PastTheDeadline_GivesUpAtOnce()
    {
        Policy.WaitAfter(1, StatusCode.Unavailable, Silent, TimeSpan.FromMilliseconds(100), 1).ShouldBeNull();
        Policy.WaitAfter(1, StatusCode.Unavailable, Silent, TimeSpan.FromMilliseconds(101), 1).ShouldNotBeNull();
    }
}
