using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Mlops.Inference.Rest;

/// <summary>
/// The protocol's messages as REST has them: fields by their names in the protocol, enumerations by name, and whole numbers as numbers.
/// (Google's own JSON writes those of 64 bits as texts, which clients of this protocol do not read.)
/// </summary>
internal static class MessageJson
{
    public static JsonObject Of(IMessage message) => new(
        from field in message.Descriptor.Fields.InDeclarationOrder()
        where field.IsRepeated || field.Accessor.GetValue(message) is not null
        select KeyValuePair.Create(field.Name, ValueOf(field, field.Accessor.GetValue(message))));

    private static JsonNode? ValueOf(FieldDescriptor field, object value) =>
        field.IsRepeated ? new JsonArray([.. ((IEnumerable)value).Cast<object>().Select(element => Single(field, element))]) : Single(field, value);

    private static JsonNode? Single(FieldDescriptor field, object value) => field.FieldType switch
    {
        FieldType.Message => Of((IMessage)value),
        FieldType.Enum => field.EnumType.FindValueByNumber((int)value)?.Name,
        _ => JsonSerializer.SerializeToNode(value),
    };
}
