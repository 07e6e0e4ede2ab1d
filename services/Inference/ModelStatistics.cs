using System.Collections.Concurrent;
using System.Diagnostics;
using System.Numerics;

namespace Mlops.Inference;

/// <summary>What a version has done since it was loaded. Counters may be read while they move.</summary>
public sealed class ModelStatistics(TimeProvider time)
{
    private const int MostRows = 4096;
    private readonly ConcurrentDictionary<int, ComputeStatistics> _batches = new();
    private readonly DurationCounter _rows = new();
    private readonly DurationCounter _runs = new();
    private long _lastInference;

    /// <summary>Requests that were answered, from the front's call to its answer.</summary>
    public DurationCounter Success { get; } = new();

    /// <summary>Requests that were not.</summary>
    public DurationCounter Fail { get; } = new();

    /// <summary>Waiting for a run: also those that did not have to, with no time.</summary>
    public DurationCounter Queue { get; } = new();

    /// <summary>Running; each request of a batch counts with the batch's time.</summary>
    public ComputeStatistics Compute { get; } = new();

    /// <summary>Rows that were answered; a request without rows to count is one.</summary>
    public long Inferences => _rows.Count;

    /// <summary>Runs of the model.</summary>
    public long Executions => _runs.Count;

    /// <summary>When the last run was, in milliseconds since 1970; 0 for never.</summary>
    public long LastInference => Volatile.Read(ref _lastInference);

    /// <summary>Runs by their number of rows, in its order.</summary>
    public IEnumerable<KeyValuePair<int, ComputeStatistics>> Batches => _batches.OrderBy(batch => batch.Key);

    /// <summary>A run is done.</summary>
    internal void Ran(int requests, int rows, RunTimes times)
    {
        _rows.Add(rows, 0);
        _runs.Add(1, 0);
        Volatile.Write(ref _lastInference, time.GetUtcNow().ToUnixTimeMilliseconds());
        Compute.Add(requests, times);
        // Their sizes are the callers' choice: without a bound so were the memory that counting them takes.
        if (rows <= MostRows)
            _batches.GetOrAdd(rows, static _ => new ComputeStatistics()).Add(1, times);
    }
}

/// <summary>The three parts of runs.</summary>
public sealed class ComputeStatistics
{
    private readonly StripedSums _sums = new(4);

    /// <summary>All that has run until now.</summary>
    public ComputeTimes Now
    {
        get
        {
            // One count for the three: whoever divides by it must not find one part ahead of another.
            var count = _sums[0];
            return new ComputeTimes(count, Duration(1), Duration(2), Duration(3));
        }
    }

    /// <summary>A run, so many times over.</summary>
    internal void Add(int count, RunTimes times) => _sums.Add(count, times.Input * count, times.Infer * count, times.Output * count);

    private TimeSpan Duration(int part) => Stopwatch.GetElapsedTime(0, _sums[part]);
}

/// <summary>The three parts of runs, each of all of them together.</summary>
/// <param name="Count">Runs; a run for several requests counts once for each where requests are counted.</param>
/// <param name="Input">Putting rows where a run takes them from.</param>
/// <param name="Infer">Running the model.</param>
/// <param name="Output">Taking the answers out.</param>
public readonly record struct ComputeTimes(long Count, TimeSpan Input, TimeSpan Infer, TimeSpan Output);

/// <summary>How often something was done, and how long it took together.</summary>
public sealed class DurationCounter
{
    private readonly StripedSums _sums = new(2);

    /// <summary>How often.</summary>
    public long Count => _sums[0];

    /// <summary>How long, all times together.</summary>
    public TimeSpan Total => Stopwatch.GetElapsedTime(0, _sums[1]);

    /// <param name="count">How often.</param>
    /// <param name="ticks">Of <see cref="Stopwatch"/>, together.</param>
    internal void Add(long count, long ticks) => _sums.Add(count, ticks);

    /// <summary>Once more, until now.</summary>
    /// <param name="since">A <see cref="Stopwatch.GetTimestamp"/>.</param>
    internal void AddSince(long since) => Add(1, Stopwatch.GetTimestamp() - since);
}

/// <summary>A few sums that many processors add to without waiting for each other: each has a cell of its own.</summary>
/// <param name="numbers">How many sums: at most 8.</param>
internal sealed class StripedSums(int numbers)
{
    /// <summary>A cell's numbers have two lines of cache to themselves.</summary>
    private const int Stride = 16;

    private static readonly int Cells = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Min(Environment.ProcessorCount, 64));
    private readonly long[] _cells = new long[(Cells + 1) * Stride];

    /// <summary>One of them.</summary>
    public long this[int number]
    {
        get
        {
            var sum = 0L;
            for (var cell = 1; cell <= Cells; cell++)
                sum += Volatile.Read(ref _cells[(cell * Stride) + number]);
            return sum;
        }
    }

    /// <summary>Adds to each of them.</summary>
    public void Add(params ReadOnlySpan<long> added)
    {
        Debug.Assert(added.Length == numbers);
        var cell = ((Thread.GetCurrentProcessorId() & (Cells - 1)) + 1) * Stride;
        for (var number = 0; number < added.Length; number++)
        {
            if (added[number] != 0)
                Interlocked.Add(ref _cells[cell + number], added[number]);
        }
    }
}

/// <summary>A run's three parts, in ticks of <see cref="Stopwatch"/>.</summary>
internal readonly record struct RunTimes(long Input, long Infer, long Output)
{
    /// <summary>The times of a run that is over now.</summary>
    public static RunTimes Until(long now, long begun, long put, long ran) => new(put - begun, ran - put, now - ran);
}
