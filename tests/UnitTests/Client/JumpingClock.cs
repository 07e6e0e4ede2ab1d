namespace Mlops.UnitTests.Client;

/// <summary>A clock on which whatever is waited for has come at once; it keeps what was waited for.</summary>
internal sealed class JumpingClock : TimeProvider
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private TimeSpan _passed;

    public List<TimeSpan> Waits { get; } = [];

    /// <summary>Waits that never end: only a cancellation ends them.</summary>
    public bool StandsStill { get; init; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => Start + _passed;

    public override long GetTimestamp() => _passed.Ticks;

    public void Pass(TimeSpan time) => _passed += time;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        Waits.Add(dueTime);
        if (!StandsStill)
        {
            _passed += dueTime;
            ThreadPool.QueueUserWorkItem(_ => callback(state));
        }

        return new Rung();
    }

    private sealed class Rung : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
