using System.Diagnostics;
using System.Net.Sockets;

namespace Mlops.Benchmarks.Inference;

/// <summary>
/// Load on one gRPC method: the same unary request again and again, over bare HTTP/2, because a full client would take more
/// of the processors than the server that is measured. Each connection has a thread of its own.
/// </summary>
internal sealed class Http2Load(Uri server, string method, byte[] message)
{
    /// <summary>A new request as soon as one is answered.</summary>
    /// <param name="connections">How many connections.</param>
    /// <param name="streams">Requests under way on each of them.</param>
    /// <param name="duration">How long requests are begun.</param>
    public LoadResult ClosedLoop(int connections, int streams, TimeSpan duration) =>
        Run(connections, index => new ClosedPace(streams), duration);

    /// <summary>Requests at random moments, whether earlier ones are answered or not; each is timed from its moment.</summary>
    /// <param name="connections">Among which the requests are divided.</param>
    /// <param name="perSecond">The mean rate over all connections.</param>
    /// <param name="duration">How long requests are begun.</param>
    public LoadResult OpenLoop(int connections, double perSecond, TimeSpan duration) =>
        Run(connections, index => new PoissonPace(new Random(index), perSecond / connections), duration);

    private LoadResult Run(int connections, Func<int, IPace> pace, TimeSpan duration)
    {
        var loads = Enumerable.Range(0, connections).Select(index => new Http2Connection(server, method, message, pace(index))).ToList();
        var clock = Stopwatch.StartNew();
        var until = Stopwatch.GetTimestamp() + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var failures = new List<Exception>();
        var threads = loads.ConvertAll(load => new Thread(() =>
        {
            try
            {
                load.Run(until);
            }
            catch (Exception failure) when (failure is SocketException or InvalidOperationException)
            {
                lock (failures)
                    failures.Add(failure);
            }
        }));
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var elapsed = clock.Elapsed;
        loads.ForEach(load => load.Dispose());
        return failures.Count == 0
            ? new LoadResult(loads.SelectMany(load => load.Ticks).ToArray(), loads.Sum(load => load.Failed), elapsed)
            : throw new InvalidOperationException("the load could not go on", new AggregateException(failures));
    }
}

/// <summary>What a load met.</summary>
/// <param name="ticks">Each answered request's time, in ticks of <see cref="Stopwatch"/>.</param>
/// <param name="failed">Requests that ended with a status other than OK.</param>
/// <param name="elapsed">From the first request to the last answer.</param>
internal sealed class LoadResult(long[] ticks, long failed, TimeSpan elapsed)
{
    private readonly long[] _sorted = [.. ticks.Order()];

    public int Answered => _sorted.Length;

    public long Failed => failed;

    public double PerSecond => Answered / elapsed.TotalSeconds;

    /// <summary>The time in microseconds that a share of the requests does not exceed.</summary>
    public double Percentile(double share) =>
        Answered == 0 ? double.NaN : _sorted.AtShare(share) * 1e6 / Stopwatch.Frequency;
}
