namespace Mlops.Hosting;

/// <summary>How many pieces of work this process does at a time, of one kind or of several that share what it has.</summary>
/// <param name="count">At least 1.</param>
public sealed class WorkSlots(int count) : IDisposable
{
    private readonly SemaphoreSlim _free = new(count);

    /// <summary>Pieces of work at a time.</summary>
    public int Count => count;

    /// <summary>Waits for a slot; the result gives it back when it is disposed.</summary>
    internal async Task<IDisposable> TakeAsync(CancellationToken cancellationToken)
    {
        await _free.WaitAsync(cancellationToken);
        return new Taken(_free);
    }

    /// <inheritdoc/>
    public void Dispose() => _free.Dispose();

    private sealed class Taken(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}

/// <summary>The slots of a handler's work.</summary>
internal sealed record WorkSlots<THandler>(WorkSlots Slots)
    where THandler : IWorkHandler;
