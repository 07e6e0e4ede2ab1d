using System.Collections.Concurrent;

namespace Mlops.Registry.Durability;

/// <summary>Wakes loops of this process early. Loops poll as well, so a signal that is missed costs time, never work.</summary>
public class WakeSignal
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

/// <summary>A pipeline run may stand somewhere else: its work, its outcome.</summary>
public sealed class RunSignal : WakeSignal;

/// <summary>There may be work, told by its kind.</summary>
public sealed class WorkSignal
{
    private readonly ConcurrentDictionary<string, WakeSignal> _kinds = new(StringComparer.Ordinal);

    /// <summary>The signal of one kind of work.</summary>
    public WakeSignal Of(string kind) => _kinds.GetOrAdd(kind, _ => new WakeSignal());

    /// <summary>Wakes the workers of every kind.</summary>
    public void SetAll()
    {
        foreach (var signal in _kinds.Values)
            signal.Set();
    }
}
