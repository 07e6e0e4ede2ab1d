using System.Net;
using System.Text.Json;

namespace Mlops.Client;

/// <summary>The platform refused a call, or could not be reached.</summary>
public sealed class PlatformException : Exception
{
    private PlatformException(HttpStatusCode? status, string message, Exception? cause = null)
        : base(message, cause) => Status = status;

    /// <summary>HTTP's status: 400 for what is not accepted, 404 for what is not there, 409 for what contradicts what is there; null where nobody answered.</summary>
    public HttpStatusCode? Status { get; }

    internal static PlatformException Unanswered(Uri service, Exception cause) =>
        new((cause as HttpRequestException)?.StatusCode, $"{service} did not answer: {cause.Message}", cause);

    internal static async Task ThrowIfRefusedAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.IsSuccessStatusCode)
            return;
        var text = await response.Content.ReadAsStringAsync(cancellationToken);
        throw new PlatformException(response.StatusCode, DetailIn(text) ?? $"the service answered with status {(int)response.StatusCode}");
    }

    private static string? DetailIn(string problem)
    {
        try
        {
            using var json = JsonDocument.Parse(problem);
            return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("detail", out var detail) ? detail.ToString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
