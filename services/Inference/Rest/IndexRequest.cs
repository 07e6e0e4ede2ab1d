using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Inference.Rest;

/// <summary>What is asked of the repository's index.</summary>
internal static class IndexRequest
{
    /// <summary>Whether only models that answer now are asked for.</summary>
    /// <param name="body">A JSON object, or nothing.</param>
    /// <exception cref="Fault">It is something else.</exception>
    public static bool OnlyReady(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return false;
        try
        {
            using var json = JsonDocument.Parse(body);
            if (json.RootElement.ValueKind != JsonValueKind.Object)
                throw Fault.Invalid("body", "an object such as {\"ready\": true} is accepted");
            if (!json.RootElement.TryGetProperty("ready", out var ready))
                return false;
            return ready.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False or JsonValueKind.Null => false,
                _ => throw Fault.Invalid("ready", "true or false is accepted"),
            };
        }
        catch (JsonException exception)
        {
            throw Fault.Invalid("body", $"not JSON: {exception.Message}");
        }
    }
}
