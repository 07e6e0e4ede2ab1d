using System.Text.Json;
using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Inference.Rest;

/// <summary>Reads one input of a request.</summary>
internal static class InputJson
{
    private static readonly string[] Fields = ["name", "datatype", "shape", "parameters", "data"];

    /// <param name="reader">At the input.</param>
    /// <param name="index">Its place, which names it in error messages until its name is read.</param>
    /// <param name="binary">The bytes behind the JSON; an input that came so takes its own off.</param>
    /// <exception cref="Fault">It is no tensor.</exception>
    public static InputTensor Read(ref Utf8JsonReader reader, int index, ref ReadOnlyMemory<byte> binary)
    {
        var path = $"inputs[{index}]";
        string? name = null;
        string? datatype = null;
        long[]? shape = null;
        var parameters = default(RestParameters);
        var data = default(Utf8JsonReader);
        var dataLength = 0;
        var fields = new JsonFields(ref reader, Fields, path);
        while (fields.Next(ref reader) is { } field)
        {
            switch (field)
            {
                case "name":
                    name = JsonValue.Text(ref reader, $"{path}.{field}");
                    path = $"inputs.{name}";
                    break;
                case "datatype":
                    datatype = JsonValue.Text(ref reader, $"{path}.{field}");
                    break;
                case "shape":
                    shape = ReadShape(ref reader, $"{path}.{field}");
                    break;
                case "parameters":
                    parameters = RestParameters.Read(ref reader, $"{path}.{field}");
                    break;
                case "data":
                    // Read at the object's end: what it means may stand behind it.
                    data = reader;
                    reader.Skip();
                    dataLength = (int)(reader.BytesConsumed - data.TokenStartIndex);
                    break;
            }
        }

        if (name is null)
            throw Fault.Invalid($"{path}.name", "missing; an input's name is accepted");
        if (datatype is null)
            throw Fault.Invalid($"{path}.datatype", $"missing; accepted: {TensorDatatype.Names}");
        if (shape is null)
            throw Fault.Invalid($"{path}.shape", "missing; an array of dimensions is accepted");
        return new InputTensor(name, datatype, shape, (dataLength > 0, parameters.BinarySize) switch
        {
            (true, null) => JsonTensor.Read(ref data, dataLength, path, datatype, shape),
            (false, { } size) => Take(ref binary, size, path),
            (true, _) => throw Fault.Invalid(path, "expected data or the parameter binary_data_size, got both"),
            _ => throw Fault.Invalid($"{path}.data", "missing; the elements, or the parameter binary_data_size, are accepted"),
        });
    }

    private static long[] ReadShape(ref Utf8JsonReader reader, string path)
    {
        var shape = new List<long>();
        JsonValue.Expect(ref reader, JsonTokenType.StartArray, path, "an array of dimensions");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            shape.Add(JsonValue.Count(ref reader, path));
        return [.. shape];
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> binary, long size, string path)
    {
        if (size > binary.Length)
            throw Fault.Invalid($"{path}.parameters.binary_data_size", $"{size} bytes are more than the {binary.Length} that are left behind the JSON, which ends where the header {RequestBody.LengthHeader} says");
        var contents = binary[..(int)size];
        binary = binary[(int)size..];
        return contents;
    }
}
