using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace Mlops.Client;

/// <summary>Writes one column's values in the protocol's raw form: little-endian numbers; texts with their length before them.</summary>
internal static class ColumnEncoder
{
    /// <summary>The values that <paramref name="rows"/> hold under the input's name. A missing number is NaN, a missing text is empty.</summary>
    public static ByteString Encode(TensorMetadata input, IReadOnlyList<IReadOnlyDictionary<string, object?>> rows)
    {
        var bytes = new MemoryStream();
        Span<byte> number = stackalloc byte[sizeof(double)];
        for (var row = 0; row < rows.Count; row++)
        {
            var value = rows[row].GetValueOrDefault(input.Name);
            if (input.Datatype == "BYTES")
                WriteText(bytes, Convert.ToString(value, CultureInfo.InvariantCulture) ?? "");
            else
                bytes.Write(number[..Write(number, input, value, row)]);
        }

        return UnsafeByteOperations.UnsafeWrap(bytes.GetBuffer().AsMemory(0, (int)bytes.Length));
    }

    private static void WriteText(MemoryStream bytes, string text)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        var encoded = Encoding.UTF8.GetBytes(text);
        BinaryPrimitives.WriteInt32LittleEndian(length, encoded.Length);
        bytes.Write(length);
        bytes.Write(encoded);
    }

    private static int Write(Span<byte> number, TensorMetadata input, object? value, int row)
    {
        switch (input.Datatype)
        {
            case "FP32":
                BinaryPrimitives.WriteSingleLittleEndian(number, value is null ? float.NaN : (float)Number(input, value, row));
                return sizeof(float);
            case "FP64":
                BinaryPrimitives.WriteDoubleLittleEndian(number, value is null ? double.NaN : Number(input, value, row));
                return sizeof(double);
            case "INT32":
                BinaryPrimitives.WriteInt32LittleEndian(number, (int)Whole(input, value, row, int.MinValue, int.MaxValue));
                return sizeof(int);
            case "INT64":
                BinaryPrimitives.WriteInt64LittleEndian(number, Whole(input, value, row, long.MinValue, long.MaxValue));
                return sizeof(long);
            case "BOOL":
                number[0] = (byte)Whole(input, value, row, 0, 1);
                return sizeof(byte);
            default:
                throw InferenceException.Invalid($"column '{input.Name}' is {input}, which rows of columns cannot be sent to; accepted: BYTES, FP32, FP64, INT32, INT64, BOOL");
        }
    }

    private static double Number(TensorMetadata input, object value, int row) =>
        value is IConvertible convertible and not (string or char or DateTime)
            ? convertible.ToDouble(CultureInfo.InvariantCulture)
            : throw Wrong(input, value, row, "a number");

    private static long Whole(TensorMetadata input, object? value, int row, long min, long max) =>
        AsWhole(value) is { } whole && whole >= min && whole <= max ? whole : throw Wrong(input, value, row, $"a whole number from {min} to {max}");

    private static long? AsWhole(object? value) => value switch
    {
        bool or byte or sbyte or short or ushort or int or uint or long => Convert.ToInt64(value, CultureInfo.InvariantCulture),
        float or double or decimal when Convert.ToDouble(value, CultureInfo.InvariantCulture) is var number && double.IsInteger(number) && Math.Abs(number) <= 1L << 53 => (long)number,
        _ => null,
    };

    private static InferenceException Wrong(TensorMetadata input, object? value, int row, string accepted) =>
        InferenceException.Invalid($"row {row + 1}, column '{input.Name}': expected {accepted}, got {(value is null ? "nothing" : $"'{Convert.ToString(value, CultureInfo.InvariantCulture)}'")}");
}
