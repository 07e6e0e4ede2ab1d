using Grpc.Core;

namespace Mlops.Client.Calls;

/// <summary>
/// Whether a call that failed is tried again, and after what wait. An inference changes nothing on the server, so that asking twice
/// does no harm; what a server refused it will refuse again, so only what may pass by itself is tried again.
/// </summary>
/// <remarks>
/// Grpc.Net.Client has retries of its own (a retry policy in the service config, with full jitter and grpc-retry-pushback-ms), which
/// are not used because they
/// know a status alone, and RESOURCE_EXHAUSTED may be tried again only where the server says when;
/// silently send what is larger than 1 MiB once (it is buffered; above 16 MiB in all calls together likewise), and we send batches;
/// and take neither a clock nor a random source, so that a test would have to wait. Hedging would double the servers' load.
/// Its balancer is used: a retry picks the next replica.
/// </remarks>
/// <param name="MaxAttempts">The first one included.</param>
/// <param name="InitialBackoff">The longest wait before the second attempt; it doubles with each one.</param>
/// <param name="MaxBackoff">Where that doubling ends.</param>
internal sealed record RetryPolicy(int MaxAttempts, TimeSpan InitialBackoff, TimeSpan MaxBackoff)
{
    /// <summary>How long to wait before the next attempt.</summary>
    /// <param name="attempts">Those that failed.</param>
    /// <param name="status">How the last one failed.</param>
    /// <param name="hint">What the server says about another one.</param>
    /// <param name="remaining">Time until the deadline.</param>
    /// <param name="chance">0 to 1, drawn evenly.</param>
    /// <returns>Null to give up.</returns>
    public TimeSpan? WaitAfter(int attempts, StatusCode status, RetryHint hint, TimeSpan remaining, double chance)
    {
        var passes = status == StatusCode.Unavailable || (status == StatusCode.ResourceExhausted && hint.After is not null);
        if (!passes || hint.Never || attempts >= MaxAttempts)
            return null;
        // Nobody comes back sooner than asked, nor all at the same time.
        var wait = (hint.After ?? TimeSpan.Zero) + chance * Backoff(attempts);
        return wait < remaining ? wait : null;
    }

    private TimeSpan Backoff(int attempts)
    {
        var doubled = InitialBackoff * Math.Pow(2, attempts - 1);
        return doubled < MaxBackoff ? doubled : MaxBackoff;
    }
}
