using System.Text;
using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Inference.Rest;

/// <summary>Reads single values of a caller's JSON; one of another kind is a fault that names the field and shows what was found.</summary>
internal static class JsonValue
{
    public static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string field, string accepted)
    {
        if (reader.TokenType != token)
            throw Wrong(ref reader, field, accepted);
    }

    /// <summary>Whether the field that the reader is at has this name.</summary>
    /// <param name="reader">At a field's name.</param>
    /// <param name="name">What it may be.</param>
    /// <param name="path">Of the object that the field is in.</param>
    public static bool Is(ref Utf8JsonReader reader, string name, string path)
    {
        try
        {
            return reader.ValueTextEquals(name);
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(path);
        }
    }

    public static string Text(ref Utf8JsonReader reader, string field)
    {
        Expect(ref reader, JsonTokenType.String, field, "a string");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(field);
        }
    }

    /// <summary>Writes a string's UTF-8 to where there is room for its JSON, and tells its length.</summary>
    public static int CopyText(ref Utf8JsonReader reader, Span<byte> destination, string field)
    {
        try
        {
            return reader.CopyString(destination);
        }
        catch (InvalidOperationException)
        {
            throw HalfPair(field);
        }
    }

    public static bool Flag(ref Utf8JsonReader reader, string field) => reader.TokenType switch
    {
        JsonTokenType.True => true,
        JsonTokenType.False => false,
        _ => throw Wrong(ref reader, field, "true or false"),
    };

    /// <summary>A number that counts something.</summary>
    public static long Count(ref Utf8JsonReader reader, string field) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count >= 0
            ? count
            : throw Wrong(ref reader, field, "a whole number from 0 to 9223372036854775807");

    public static Fault Wrong(ref Utf8JsonReader reader, string field, string accepted) => Fault.Invalid(field, $"expected {accepted}, got {Shown(ref reader)}");

    /// <summary>What the reader is at, in an error message.</summary>
    private static string Shown(ref Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => $"\"{Beginning(reader.ValueSpan)}\"",
        _ => Beginning(reader.ValueSpan),
    };

    private static string Beginning(ReadOnlySpan<byte> value)
    {
        const int Shown = 40;
        return value.Length <= Shown ? Encoding.UTF8.GetString(value) : $"{Encoding.UTF8.GetString(value[..Shown])}…";
    }

    // UTF-8 is checked beforehand; what is left is an escape such as \ud800 that stands alone.
    private static Fault HalfPair(string field) => Fault.Invalid(field, "half a surrogate pair; text is accepted");
}
