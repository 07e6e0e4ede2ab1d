using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>What a REST caller got back.</summary>
/// <param name="Status">The status code.</param>
/// <param name="ContentType">Of the body.</param>
/// <param name="JsonLength">What the answer says of where its JSON ends.</param>
/// <param name="Body">All of it.</param>
public sealed record RestReply(HttpStatusCode Status, string? ContentType, int? JsonLength, byte[] Body)
{
    public string Text => Encoding.UTF8.GetString(Body);

    public JsonElement Json => JsonElement.Parse(Body.AsSpan(0, JsonLength ?? Body.Length));

    public string? Error => Json.GetProperty("error").GetString();

    /// <summary>What stands behind the JSON.</summary>
    public byte[] Binary => Body[JsonLength!.Value..];

    /// <summary>The first output's elements, as they stand in the JSON.</summary>
    public string Data => Json.GetProperty("outputs")[0].GetProperty("data").GetRawText();
}

/// <summary>Calls to the REST front in few words.</summary>
internal static class RestCalls
{
    public const string LengthHeader = "Inference-Header-Content-Length";

    public static Task<RestReply> GetAsync(this InferenceServer server, string path) => server.SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public static Task<RestReply> PostAsync(this InferenceServer server, string path, string json) => server.PostAsync(path, Encoding.UTF8.GetBytes(json));

    /// <summary>Posts JSON with bytes behind it, and the header that says so.</summary>
    public static Task<RestReply> PostAsync(this InferenceServer server, string path, string json, byte[] binary) =>
        server.PostAsync(path, [.. Encoding.UTF8.GetBytes(json), .. binary], Encoding.UTF8.GetByteCount(json).ToString(CultureInfo.InvariantCulture));

    public static Task<RestReply> PostAsync(this InferenceServer server, string path, byte[] body, string? jsonLength = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(body) };
        if (jsonLength is not null)
            request.Headers.TryAddWithoutValidation(LengthHeader, jsonLength);
        return server.SendAsync(request);
    }

    public static async Task<RestReply> SendAsync(this InferenceServer server, HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await server.Http.SendAsync(request, TestContext.Current.CancellationToken);
            return new RestReply(
                response.StatusCode,
                response.Content.Headers.ContentType?.ToString(),
                response.Headers.TryGetValues(LengthHeader, out var length) ? int.Parse(length.Single(), CultureInfo.InvariantCulture) : null,
                await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        }
    }
}
