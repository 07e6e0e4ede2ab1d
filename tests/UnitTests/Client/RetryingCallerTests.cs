using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Client;
using Mlops.Client.Calls;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class RetryingCallerTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    private readonly JumpingClock _clock = new();
    private int _calls;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_UnavailableTwice_IsAnsweredAfterTheWaitsThatWereDrawn()
    {
        var answer = await Caller(_clock, 0.5, 1).CallAsync(Fails(2), new CallBudget(_clock, Deadline), Cancel);

        answer.ShouldBe("answer");
        _calls.ShouldBe(3);
        _clock.Waits.ShouldBe([TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(200)]);
    }

    [Fact]
    public async Task Call_UnavailableForever_GivesUpAfterAllAttempts()
    {
        var failure = await Should.ThrowAsync<InferenceException>(() => Caller(_clock, 0).CallAsync(Fails(99), new CallBudget(_clock, Deadline), Cancel));

        (failure.Status, failure.Message, _calls).ShouldBe((StatusCode.Unavailable, "busy (attempt 5)", 5));
        failure.InnerException.ShouldBeOfType<RpcException>();
    }

    [Fact]
    public async Task Call_WhoseDeadlineNears_GivesUpInsteadOfWaitingInVain()
    {
        var budget = new CallBudget(_clock, Deadline);
        var failure = await Should.ThrowAsync<InferenceException>(() => Caller(_clock, 1).CallAsync(Fails(99, () => _clock.Pass(TimeSpan.FromSeconds(4.9))), budget, Cancel));

        // 4.9 s + 0.1 s + 4.9 s, and 0.2 s more do not fit.
        (failure.Status, _calls).ShouldBe((StatusCode.Unavailable, 2));
    }

    [Fact]
    public async Task Call_EachAttempt_HasTheSameDeadline()
    {
        var ends = new List<DateTime?>();
        await Caller(_clock, 1).CallAsync(options =>
        {
            ends.Add(options.Deadline);
            return Fails(2)(options);
        }, new CallBudget(_clock, Deadline), Cancel);

        ends.ShouldBe(Enumerable.Repeat<DateTime?>(new DateTime(2026, 1, 1, 0, 0, 10, DateTimeKind.Utc), 3));
    }

    [Fact]
    public async Task Call_CancelledWhileItWaits_EndsAtOnce()
    {
        var still = new JumpingClock { StandsStill = true };
        using var cancellation = new CancellationTokenSource();
        var call = Caller(still, 1).CallAsync(Fails(99), new CallBudget(still, Deadline), cancellation.Token);
        await cancellation.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(call);
        _calls.ShouldBe(1);
    }

    [Fact]
    public async Task Call_EndOfDeadline_SaysHowLongThatWas()
    {
        var failure = await Should.ThrowAsync<InferenceException>(() =>
            Caller(_clock, 0).CallAsync(Fails(1, status: new Status(StatusCode.DeadlineExceeded, "")), new CallBudget(_clock, Deadline), Cancel));
        (failure.Status, failure.Message).ShouldBe((StatusCode.DeadlineExceeded, "no answer within the deadline of 00:00:10"));
    }

    private static RetryingCaller Caller(TimeProvider clock, params double[] chances)
    {
        var next = 0;
        var policy = new RetryPolicy(5, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));
        return new RetryingCaller(policy, clock, () => chances[Math.Min(next++, chances.Length - 1)], NullLogger.Instance);
    }

    /// <summary>A call that fails so many times before it is answered.</summary>
    private Func<CallOptions, AsyncUnaryCall<string>> Fails(int times, Action? before = null, Status? status = null) => _ =>
    {
        before?.Invoke();
        var answer = _calls++ < times ? Task.FromException<string>(new RpcException(status ?? new Status(StatusCode.Unavailable, "busy"))) : Task.FromResult("answer");
        return new AsyncUnaryCall<string>(answer, Task.FromResult(new Metadata()), () => Status.DefaultSuccess, () => [], () => { });
    };
}
