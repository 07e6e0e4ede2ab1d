using Mlops.Contracts;
using Mlops.Scoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Scoring;

public sealed class LatencyProbeTests
{
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(2, 1.5, 2)]
    [InlineData(3, 2, 3)]
    [InlineData(20, 10.5, 19)]
    [InlineData(21, 11, 20)]
    [InlineData(100, 50.5, 95)]
    public void Of_OneToN_HasKnownMedianAndP95(int n, double median, double p95)
    {
        double[] samples = [.. Enumerable.Range(1, n).Select(i => (double)i)];
        new Random(n).Shuffle(samples);
        Latency.Of(samples).ShouldBe(new Latency(median, p95, n));
    }

    [Fact]
    public void Measure_TwoModels_TakeTurnsAndSwapTheFirst()
    {
        using var first = new OnnxScorer(Samples.Sums(), Samples.SumsSignature);
        using var second = new OnnxScorer(Samples.Sums(), Samples.SumsSignature);
        // Round 1: first 1 µs, second 2 µs; round 2: second 3 µs, first 8 µs.
        var latencies = LatencyProbe.Measure(
            [first, second], Samples.Numbers([1, 2, 3], [4, 5, 6]), new ScriptedClock(1, 2, 3, 8),
            new LatencyProbeOptions { WarmUpRuns = 4, Rounds = 2, RunsPerRound = 1 }, TestContext.Current.CancellationToken);
        latencies.ShouldBe([new Latency(4.5, 8, 2), new Latency(2.5, 3, 2)]);
    }

    [Fact]
    public void Measure_RowsThatDoNotFit_IsAFault()
    {
        using var model = new OnnxScorer(Samples.Sums(), Samples.SumsSignature);
        Should.Throw<Fault>(() => LatencyProbe.Measure([model], Samples.MixedTable, TimeProvider.System)).Problems.Count.ShouldBe(2);
    }

    /// <summary>A clock on which the runs take the given microseconds, one after the other.</summary>
    private sealed class ScriptedClock(params long[] microseconds) : TimeProvider
    {
        private int _calls;
        private long _now;

        public override long TimestampFrequency => 1_000_000;

        public override long GetTimestamp() => _calls++ % 2 == 0 ? _now : _now += microseconds[_calls / 2 - 1];
    }
}
