using System.Collections.Concurrent;

namespace Mlops.Inference;

/// <summary>A model's lanes that nobody uses: each processor takes the one that it used last, whose memory is in its cache.</summary>
internal sealed class RowLanes : IDisposable
{
    private readonly RowLane?[] _near = new RowLane?[Math.Min(Environment.ProcessorCount, 64)];
    private readonly ConcurrentQueue<RowLane> _others = new();

    public RowLane? TryTake() =>
        Interlocked.Exchange(ref _near[Thread.GetCurrentProcessorId() % _near.Length], null) ?? (_others.TryDequeue(out var lane) ? lane : null);

    public void Return(RowLane lane)
    {
        if (Interlocked.CompareExchange(ref _near[Thread.GetCurrentProcessorId() % _near.Length], lane, null) is not null)
            _others.Enqueue(lane);
    }

    public void Dispose()
    {
        foreach (var lane in _near.Concat(_others))
            lane?.Dispose();
    }
}
