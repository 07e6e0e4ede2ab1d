using System.Diagnostics;

namespace Mlops.Benchmarks.Inference;

/// <summary>When a connection begins its next request.</summary>
internal interface IPace
{
    /// <summary>The moment of the next request, in ticks of <see cref="Stopwatch"/>; null where an answer must come first.</summary>
    long? Next(int underWay);

    /// <summary>The next request has been begun.</summary>
    void Begun();
}

/// <summary>So many requests under way, always.</summary>
internal sealed class ClosedPace(int streams) : IPace
{
    public long? Next(int underWay) => underWay < streams ? Stopwatch.GetTimestamp() : null;

    public void Begun()
    {
    }
}

/// <summary>A Poisson process: the time between two requests is exponentially distributed.</summary>
internal sealed class PoissonPace(Random random, double perSecond) : IPace
{
    private const int MostUnderWay = 100;
    private long _next = Stopwatch.GetTimestamp();

    // A server takes 100 streams a connection; a request beyond them waits, and its waiting counts.
    public long? Next(int underWay) => underWay < MostUnderWay ? _next : null;

    public void Begun() => _next += (long)(-Math.Log(1 - random.NextDouble()) / perSecond * Stopwatch.Frequency);
}
