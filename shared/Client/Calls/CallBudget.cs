namespace Mlops.Client.Calls;

/// <summary>The time that a call has, from its making: metadata, all attempts and the waits between them.</summary>
internal sealed class CallBudget(TimeProvider time, TimeSpan total)
{
    private readonly long _start = time.GetTimestamp();

    /// <summary>What a failure says about the deadline.</summary>
    public TimeSpan Total => total;

    /// <summary>Nothing once it is over.</summary>
    public TimeSpan Remaining => time.GetElapsedTime(_start) is var elapsed && elapsed < total ? total - elapsed : TimeSpan.Zero;

    /// <summary>The end in UTC, as gRPC wants it.</summary>
    public DateTime End { get; } = time.GetUtcNow().UtcDateTime + total;
}
