using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mlops.Hosting;

/// <summary>
/// Refuses what a page of another site makes a browser send: listening on loopback alone would not keep such a page from
/// registering data or promoting a model. Browsers say where a request comes from; other callers send no such header.
/// </summary>
internal static class CrossSiteGuard
{
    /// <summary>Goes inside what gives an answer without a body one.</summary>
    public static void UseCrossSiteGuard(this WebApplication app) => app.Use((context, next) =>
    {
        var request = context.Request;
        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || request.Headers["Sec-Fetch-Site"] != "cross-site")
            return next(context);
        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    });
}
