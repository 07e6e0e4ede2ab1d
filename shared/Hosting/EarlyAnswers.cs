using System.Buffers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Mlops.Hosting;

/// <summary>
/// Sends a refusal at once, then reads on what the caller is still sending. A caller that listens meanwhile (curl) stops
/// there; one that sends to the end first (HttpClient) would else find a broken connection instead of the answer.
/// </summary>
internal static class EarlyAnswers
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Goes outside everything that may refuse.</summary>
    public static void UseEarlyAnswers(this WebApplication app) =>
        app.Use(async (context, next) =>
        {
            await next(context);
            if (context.Response.StatusCode >= StatusCodes.Status400BadRequest && HttpProtocol.IsHttp11(context.Request.Protocol))
            {
                await context.Response.CompleteAsync();
                await DrainAsync(context);
            }
        });

    private static async Task DrainAsync(HttpContext context)
    {
        var stopping = context.RequestServices.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        bounded.CancelAfter(Longest);
        var buffer = ArrayPool<byte>.Shared.Rent(1 << 16);
        try
        {
            while (await context.Request.Body.ReadAsync(buffer, bounded.Token) > 0)
                continue;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            // The caller has gone, or is taking too long: the connection ends here, and the answer is out.
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
