using Grpc.Core;

namespace Mlops.Client.Calls;

/// <summary>The status that a failed call has for its caller.</summary>
internal static class CallStatus
{
    /// <summary>
    /// As gRPC has it, with one exception: a connection that broke under a call leaves it Unavailable. Grpc.Net.Client (2.85) says Internal
    /// where HTTP/2 gave a reason: the server took leave (NO_ERROR) while the call was being sent, or it answers pings no more. No
    /// server said Internal then, and another one can answer.
    /// </summary>
    public static StatusCode Of(RpcException failure)
    {
        if (failure.StatusCode == StatusCode.Internal)
            for (var cause = failure.Status.DebugException; cause is not null; cause = cause.InnerException)
                if (cause is HttpProtocolException)
                    return StatusCode.Unavailable;
        return failure.StatusCode;
    }
}
