using System.Text.Json;
using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Inference.Rest;

/// <summary>Reads a tensor's elements, flat or nested as the shape is, into the protocol's raw form.</summary>
internal static class JsonTensor
{
    /// <summary>Deeper than this a reader does not go.</summary>
    private const int MaxDepth = 64;

    /// <param name="reader">At the elements.</param>
    /// <param name="length">Of their JSON, which bounds what is allocated.</param>
    /// <param name="path">Of the tensor, for error messages.</param>
    /// <param name="datatype">As the caller wrote it.</param>
    /// <param name="shape">As the caller wrote it.</param>
    /// <exception cref="Fault">They are not elements of this datatype, or do not fit the shape.</exception>
    public static ReadOnlyMemory<byte> Read(ref Utf8JsonReader reader, int length, string path, string datatype, long[] shape)
    {
        var type = TensorDatatype.Find(datatype) ?? throw Fault.Invalid($"{path}.datatype", $"'{datatype}' is not a datatype; accepted: {TensorDatatype.Names}");
        var field = $"{path}.data";
        var format = JsonElements.Of(type) ?? throw Fault.Invalid(field, $"JSON has no {datatype}; it travels as bytes behind the JSON, by the parameter binary_data_size");
        JsonValue.Expect(ref reader, JsonTokenType.StartArray, field, "an array");
        if (!TensorShape.TryCount(shape, out var elements))
            throw Fault.Invalid($"{path}.shape", $"expected a shape whose elements can be counted, got {TensorShape.Text(shape)}");

        // Each element takes a character and what parts it from the next; a text, its quotes as well.
        var most = (int)Math.Min(elements, length / 2);
        var raw = new byte[type.IsBytes ? (long)length + most : (long)most * type.ElementSize];
        var rest = raw.AsSpan();
        var index = 0;
        var dims = shape.Length > 1 && IsNested(reader) ? shape : [elements];
        Span<long> counts = stackalloc long[MaxDepth];
        var depth = 1;
        while (depth > 0)
        {
            reader.Read();
            if (reader.TokenType == JsonTokenType.EndArray)
            {
                depth--;
                if (counts[depth] != dims[depth])
                    throw DoesNotFit(field, shape, dims, depth, $"{counts[depth]}");
            }
            else if (counts[depth - 1]++ == dims[depth - 1])
            {
                throw DoesNotFit(field, shape, dims, depth - 1, "more");
            }
            else if (depth < dims.Length)
            {
                if (reader.TokenType != JsonTokenType.StartArray)
                    throw JsonValue.Wrong(ref reader, field, $"an array at depth {depth + 1} as in shape {TensorShape.Text(shape)}");
                counts[depth++] = 0;
            }
            else if (format.TryRead(ref reader, ref rest, field))
            {
                index++;
            }
            else
            {
                throw JsonValue.Wrong(ref reader, field, $"{format.Accepted} as element {index}");
            }
        }

        return raw.AsMemory(0, raw.Length - rest.Length);
    }

    private static bool IsNested(Utf8JsonReader ahead) => ahead.Read() && ahead.TokenType == JsonTokenType.StartArray;

    private static Fault DoesNotFit(string field, long[] shape, long[] dims, int axis, string got) =>
        Fault.Invalid(field, $"expected {dims[axis]} {(axis == dims.Length - 1 ? "elements" : "arrays")}{(dims.Length > 1 ? $" at depth {axis + 1}" : "")} for shape {TensorShape.Text(shape)}, got {got}");
}
