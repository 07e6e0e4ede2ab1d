using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Mlops.Contracts;

namespace Mlops.Hosting;

/// <summary>Says a <see cref="Fault"/> as problem details (RFC 9457), with every problem under <c>errors</c>.</summary>
internal sealed class FaultResponses(IProblemDetailsService problemDetails) : IExceptionHandler
{
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (exception is ConnectionResetException)
        {
            // The caller has hung up: there is nobody to tell, and nothing for us to mend.
            httpContext.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }
        var (status, problems) = exception switch
        {
            Fault fault => (fault.Kind.ToHttpStatus(), fault.Problems),
            BadHttpRequestException bad => (bad.StatusCode, [new Problem("", bad.Message)]),
            _ => (0, Array.Empty<Problem>()),
        };
        if (status == 0)
            return false;
        httpContext.Response.StatusCode = status;
        return await problemDetails.TryWriteAsync(new ProblemDetailsContext
        {
            HttpContext = httpContext,
            ProblemDetails = new ProblemDetails
            {
                Status = status,
                Detail = string.Join("; ", problems),
                Extensions = { ["errors"] = problems },
            },
        });
    }
}
