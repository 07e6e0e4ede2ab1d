using System.Text.Json;
using System.Text.Json.Serialization;
using Mlops.Contracts;

namespace Mlops.Governance;

/// <summary>Reads a request's body as JSON, and says what is wrong with it as a fault that names the field.</summary>
internal static class JsonBody
{
    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        // A misspelt field would else be dropped without a word.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        NumberHandling = JsonNumberHandling.Strict,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower, allowIntegerValues: false) },
    };

    /// <param name="body">The request.</param>
    /// <param name="accepted">What is accepted, such as <c>a JSON object such as {"actor": "…"}</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the caller.</param>
    /// <returns>Null where the body is JSON's null.</returns>
    /// <exception cref="Fault">Invalid.</exception>
    public static async Task<T?> ReadAsync<T>(HttpRequest body, string accepted, CancellationToken cancellationToken)
    {
        if (!body.HasJsonContentType())
            throw Fault.Invalid("Content-Type", $"'{body.ContentType}' is not accepted; application/json is");
        try
        {
            return await body.ReadFromJsonAsync<T>(Strict, cancellationToken);
        }
        catch (JsonException exception)
        {
            throw Fault.Invalid(exception.Path?.TrimStart('$', '.') ?? "", $"not accepted; {accepted} is");
        }
    }
}
