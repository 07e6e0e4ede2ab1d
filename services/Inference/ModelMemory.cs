using Mlops.Contracts;

namespace Mlops.Inference;

/// <summary>
/// The memory that models may take together. Who needs some waits until there is room, which is made by those that were asked
/// longest ago; they come back when they are asked for.
/// </summary>
/// <param name="budget">In bytes; 0 sets no limit.</param>
internal sealed class ModelMemory(long budget)
{
    private readonly Lock _lock = new();
    private readonly HashSet<KnownVersion> _residents = [];
    private TaskCompletionSource _change = NewChange();
    private long _used;

    /// <summary>Who needs memory waits for who came before. It has nothing to be disposed of.</summary>
    private SemaphoreSlim Turn { get; } = new(1);

    /// <summary>Bytes that are taken.</summary>
    public long Used
    {
        get
        {
            lock (_lock)
                return _used;
        }
    }

    /// <summary>Takes memory for a model that is about to be loaded.</summary>
    /// <exception cref="Fault">It would not fit if it were alone.</exception>
    public async Task<Reservation> ReserveAsync(long bytes, CancellationToken cancellationToken)
    {
        if (budget > 0 && bytes > budget)
            throw Fault.Invalid("Inference:MemoryBudgetMiB", $"the model takes {bytes >> 20} MiB; all models together may take {budget >> 20}");
        await Turn.WaitAsync(cancellationToken);
        try
        {
            while (!TryTake(bytes, out var oldest, out var change))
                await (oldest?.LeaveMemoryAsync() ?? change).WaitAsync(cancellationToken);
            return new Reservation(this, bytes);
        }
        finally
        {
            Turn.Release();
        }
    }

    /// <summary>The version is in memory, and may have to make room.</summary>
    public void Add(KnownVersion version) => Change(() => _residents.Add(version));

    /// <summary>The version has left, or is about to.</summary>
    public void Remove(KnownVersion version) => Change(() => _residents.Remove(version));

    private static TaskCompletionSource NewChange() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private bool TryTake(long bytes, out KnownVersion? oldest, out Task change)
    {
        lock (_lock)
        {
            (oldest, change) = (null, _change.Task);
            if (budget > 0 && _used + bytes > budget)
            {
                oldest = _residents.MinBy(version => version.LastUsed);
                return false;
            }

            _used += bytes;
            return true;
        }
    }

    private void Change(Action change)
    {
        lock (_lock)
        {
            change();
            _change.SetResult();
            _change = NewChange();
        }
    }

    /// <summary>What one model takes, until it is disposed.</summary>
    internal sealed class Reservation(ModelMemory memory, long bytes) : IDisposable
    {
        private int _isBack;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isBack, 1) == 0)
                memory.Change(() => memory._used -= bytes);
        }
    }
}
