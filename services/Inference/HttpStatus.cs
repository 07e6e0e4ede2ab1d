using Microsoft.AspNetCore.Connections;
using Mlops.Contracts;
using Mlops.Hosting;

namespace Mlops.Inference;

/// <summary>Failures in HTTP's terms.</summary>
public static class HttpStatus
{
    /// <summary>The status code and the text that tell a caller of it.</summary>
    /// <param name="failure">What went wrong.</param>
    /// <param name="callerIsGone">Whether nobody waits for the answer any more.</param>
    public static (int Status, string Text) From(Exception failure, bool callerIsGone) => failure switch
    {
        Fault fault => (fault.Kind.ToHttpStatus(), ErrorText.Of(fault)),
        TimeoutException late => (StatusCodes.Status504GatewayTimeout, late.Message),
        // The server's own checks of a request, such as a body that ends early.
        BadHttpRequestException bad => (bad.StatusCode, bad.Message),
        ConnectionResetException => (StatusCodes.Status499ClientClosedRequest, "the caller has hung up"),
        OperationCanceledException when callerIsGone => (StatusCodes.Status499ClientClosedRequest, "the caller has hung up"),
        _ => (StatusCodes.Status500InternalServerError, ErrorText.Internal),
    };
}
