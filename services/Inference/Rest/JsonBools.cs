using System.Text.Json;

namespace Mlops.Inference.Rest;

/// <summary>BOOL: true and false, and one byte each.</summary>
internal sealed class JsonBools : JsonElements
{
    public override string Accepted => "true or false";

    public override bool TryRead(ref Utf8JsonReader reader, ref Span<byte> rest, string field)
    {
        if (reader.TokenType is not (JsonTokenType.True or JsonTokenType.False))
            return false;
        rest[0] = reader.TokenType == JsonTokenType.True ? (byte)1 : (byte)0;
        rest = rest[1..];
        return true;
    }

    public override void Write(Utf8JsonWriter json, in OutputTensor output)
    {
        foreach (var element in output.Contents.Span)
            json.WriteBooleanValue(element != 0);
    }
}
