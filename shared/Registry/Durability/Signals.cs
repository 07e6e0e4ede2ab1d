namespace Mlops.Registry.Durability;

/// <summary>Wakes loops of this process early. Loops poll as well, so a signal that is missed costs time, never work.</summary>
public abstract class WakeSignal
{
    private TaskCompletionSource _next = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes at the next <see cref="Set"/>. A loop takes it before it looks, so that nothing falls in between.</summary>
    public Task Next => _next.Task;

    /// <summary>Wakes every loop that waits.</summary>
    public void Set() =>
        Interlocked.Exchange(ref _next, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}

/// <summary>There may be something in the outbox.</summary>
public sealed class OutboxSignal : WakeSignal;

/// <summary>There may be work.</summary>
public sealed class WorkSignal : WakeSignal;
