using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>How specs stand in JSON: camelCase fields, kebab-case choices, no indentation, fields in the order of declaration.</summary>
public static class SpecJson
{
    /// <summary>The settings under which a spec's JSON is canonical: equal specs give equal bytes.</summary>
    public static JsonSerializerOptions Canonical { get; } = new(JsonSerializerDefaults.Web)
    {
        // A metric may be undefined.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower) },
    };

    /// <summary>How a choice stands in JSON, in routes and in words: kebab-case.</summary>
    public static string NameOf<T>(T choice)
        where T : struct, Enum
        => JsonNamingPolicy.KebabCaseLower.ConvertName(choice.ToString());
}
