using System.Text.Json;
using System.Text.Unicode;

namespace Mlops.Inference.Rest;

/// <summary>BYTES: strings, whose bytes are their UTF-8.</summary>
internal sealed class JsonTexts : JsonElements
{
    public override string Accepted => "a string";

    public override bool TryRead(ref Utf8JsonReader reader, ref Span<byte> rest, string field)
    {
        if (reader.TokenType != JsonTokenType.String)
            return false;
        // Straight to where the element will stand; what is put there then is its length.
        var length = JsonValue.CopyText(ref reader, rest[BytesTensor.Prefix..], field);
        BytesTensor.Put(ref rest, rest.Slice(BytesTensor.Prefix, length));
        return true;
    }

    public override void Write(Utf8JsonWriter json, in OutputTensor output)
    {
        var rest = output.Contents.Span;
        for (var index = 0; !rest.IsEmpty; index++)
        {
            var element = BytesTensor.Take(ref rest);
            if (!Utf8.IsValid(element))
                throw NotInJson(output, $"element {index} is not UTF-8, which JSON's strings are");
            json.WriteStringValue(element);
        }
    }
}
