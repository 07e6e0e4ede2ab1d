namespace Mlops.Inference;

/// <summary>A request that waits for a run.</summary>
public sealed class WaitingRequest(CheckedRequest request, RequestParameters parameters, TimeProvider time, CancellationToken cancellationToken)
    : TaskCompletionSource<ModelAnswer>(TaskCreationOptions.RunContinuationsAsynchronously)
{
    private readonly long _since = time.GetTimestamp();

    /// <summary>What is asked.</summary>
    public CheckedRequest Request => request;

    /// <summary>How long it has waited.</summary>
    public TimeSpan Waited => time.GetElapsedTime(_since);

    /// <summary>Ends it without a run if nobody waits for its answer any more.</summary>
    public bool TryGiveUp()
    {
        if (cancellationToken.IsCancellationRequested)
            return TrySetCanceled(cancellationToken);
        return parameters.Timeout is { } longest && Waited > longest
            && TrySetException(new TimeoutException($"the request waited longer than its timeout of {longest.TotalMicroseconds:0} µs"));
    }
}
