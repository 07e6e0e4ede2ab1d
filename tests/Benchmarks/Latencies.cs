using System.Diagnostics;

namespace Mlops.Benchmarks;

/// <summary>Times that many tasks add to.</summary>
internal sealed class Latencies
{
    private readonly List<double> _milliseconds = [];

    public int Count
    {
        get
        {
            lock (_milliseconds)
                return _milliseconds.Count;
        }
    }

    /// <param name="since">A <see cref="Stopwatch.GetTimestamp"/>.</param>
    public void AddSince(long since) => Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);

    public void Add(double milliseconds)
    {
        lock (_milliseconds)
            _milliseconds.Add(milliseconds);
    }

    /// <summary>The time in milliseconds that a share of them does not exceed.</summary>
    public double Percentile(double share)
    {
        lock (_milliseconds)
            return _milliseconds.Order().ToList().AtShare(share);
    }
}
