using System.Text.Json;
using Mlops.Contracts;

namespace Mlops.Inference.Rest;

/// <summary>
/// The fields of a JSON object that mean something, one after the other; others are passed over. One that is null counts
/// as absent, because clients with optional fields send it so; one that comes twice is refused.
/// </summary>
internal struct JsonFields
{
    private readonly string[] _known;
    private readonly string _path;
    private int _seen;

    /// <summary>Steps into an object.</summary>
    /// <param name="reader">At the object.</param>
    /// <param name="known">The names that mean something, at most 32.</param>
    /// <param name="path">Of the object, for error messages; empty for the body itself.</param>
    public JsonFields(ref Utf8JsonReader reader, string[] known, string path)
    {
        (_known, _path) = (known, path);
        JsonValue.Expect(ref reader, JsonTokenType.StartObject, Itself, "an object");
    }

    private readonly string Itself => _path.Length == 0 ? "body" : _path;

    /// <summary>The next field's name, with the reader at its value; null at the object's end.</summary>
    public string? Next(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var name = Find(ref reader);
            reader.Read();
            if (name is not null && reader.TokenType != JsonTokenType.Null)
                return name;
            reader.Skip();
        }

        return null;
    }

    private string? Find(ref Utf8JsonReader reader)
    {
        for (var index = 0; index < _known.Length; index++)
        {
            if (!JsonValue.Is(ref reader, _known[index], Itself))
                continue;
            if ((_seen & (1 << index)) != 0)
                throw Fault.Invalid(_path.Length == 0 ? _known[index] : $"{_path}.{_known[index]}", "expected once, got it again");
            _seen |= 1 << index;
            return _known[index];
        }

        return null;
    }
}
