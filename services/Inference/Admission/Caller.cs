namespace Mlops.Inference.Admission;

/// <summary>One caller's requests: those under way, and what is left of its rate.</summary>
internal sealed class Caller(CallerOptions options, double now)
{
    private readonly Lock _lock = new();
    private readonly double _burst = options.Burst > 0 ? options.Burst : Math.Max(1, options.RequestsPerSecond);
    private TokenBucket _bucket = new(options.Burst > 0 ? options.Burst : Math.Max(1, options.RequestsPerSecond), now);
    private int _underWay;
    private bool _isForgotten;

    /// <summary>Lets a request in, or says why not.</summary>
    /// <returns>Null once it has been forgotten: then another stands for the caller.</returns>
    public Refusal? TryEnter(double time, out bool isForgotten)
    {
        lock (_lock)
        {
            if (isForgotten = _isForgotten)
                return null;
            if (options.MaxConcurrentRequests > 0 && _underWay >= options.MaxConcurrentRequests)
                return new Refusal("caller-concurrency", $"{options.MaxConcurrentRequests} requests of this caller are under way, as many as may be", Refusal.Soon);
            if (options.RequestsPerSecond > 0)
            {
                (_bucket, var wait) = _bucket.Take(options.RequestsPerSecond, _burst, time);
                if (wait > TimeSpan.Zero)
                    return new Refusal("caller-rate", FormattableString.Invariant($"this caller has sent more than {options.RequestsPerSecond:0.###} requests a second"), wait);
            }

            _underWay++;
            return null;
        }
    }

    /// <summary>A request is over.</summary>
    public void Leave()
    {
        lock (_lock)
            _underWay--;
    }

    /// <summary>Whether nothing of it need be remembered: its rate is whole again, and nothing is under way.</summary>
    public bool TryForget(double time)
    {
        lock (_lock)
            return _isForgotten = _underWay == 0 && (options.RequestsPerSecond <= 0 || _bucket.Tokens + ((time - _bucket.At) * options.RequestsPerSecond) >= _burst);
    }
}

/// <summary>Why a request is not let in.</summary>
/// <param name="Limit">Which limit, as metrics name it.</param>
/// <param name="Reason">The same for the caller.</param>
/// <param name="RetryAfter">When it may come again.</param>
internal sealed record Refusal(string Limit, string Reason, TimeSpan RetryAfter)
{
    /// <summary>Where nobody can say when there is room: a request takes milliseconds.</summary>
    public static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(50);
}
