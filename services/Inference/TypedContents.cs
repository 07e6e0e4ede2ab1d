using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Google.Protobuf.Collections;
using Mlops.Contracts;
using Mlops.Protos;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>Turns the typed contents of a tensor into the protocol's raw form.</summary>
internal static class TypedContents
{
    /// <summary>The raw form of the elements in the one field that suits the datatype.</summary>
    /// <exception cref="Fault">They stand in another field, or do not fit the datatype.</exception>
    public static ReadOnlyMemory<byte> ToRaw(string input, string datatype, InferTensorContents? contents)
    {
        if (contents is null)
            return default;
        var expected = FieldOf(datatype) ?? throw Fault.Invalid($"inputs.{input}", datatype is "FP16" or "BF16"
            ? $"{datatype} travels in raw_input_contents, got contents"
            : $"'{datatype}' is not a datatype; accepted: {TensorDatatype.Names}");
        foreach (var (field, count) in Counts(contents))
        {
            if (count > 0 && field != expected)
                throw Fault.Invalid($"inputs.{input}", $"expected the elements of {datatype} in contents.{expected}, got {count} in contents.{field}");
        }

        return datatype switch
        {
            "BOOL" => Convert(contents.BoolContents, bit => bit ? (byte)1 : (byte)0),
            "INT8" => Narrow<int, sbyte>(input, datatype, contents.IntContents, sbyte.MinValue, sbyte.MaxValue, value => (sbyte)value),
            "INT16" => Narrow<int, short>(input, datatype, contents.IntContents, short.MinValue, short.MaxValue, value => (short)value),
            "INT32" => Convert(contents.IntContents, value => value),
            "INT64" => Convert(contents.Int64Contents, value => value),
            "UINT8" => Narrow<uint, byte>(input, datatype, contents.UintContents, 0, byte.MaxValue, value => (byte)value),
            "UINT16" => Narrow<uint, ushort>(input, datatype, contents.UintContents, 0, ushort.MaxValue, value => (ushort)value),
            "UINT32" => Convert(contents.UintContents, value => value),
            "UINT64" => Convert(contents.Uint64Contents, value => value),
            "FP32" => Convert(contents.Fp32Contents, value => value),
            "FP64" => Convert(contents.Fp64Contents, value => value),
            _ => Strings(contents.BytesContents),
        };
    }

    private static string? FieldOf(string datatype) => datatype switch
    {
        "BOOL" => "bool_contents",
        "INT8" or "INT16" or "INT32" => "int_contents",
        "INT64" => "int64_contents",
        "UINT8" or "UINT16" or "UINT32" => "uint_contents",
        "UINT64" => "uint64_contents",
        "FP32" => "fp32_contents",
        "FP64" => "fp64_contents",
        "BYTES" => "bytes_contents",
        _ => null,
    };

    private static ReadOnlySpan<(string Field, int Count)> Counts(InferTensorContents contents) => new[]
    {
        ("bool_contents", contents.BoolContents.Count),
        ("int_contents", contents.IntContents.Count),
        ("int64_contents", contents.Int64Contents.Count),
        ("uint_contents", contents.UintContents.Count),
        ("uint64_contents", contents.Uint64Contents.Count),
        ("fp32_contents", contents.Fp32Contents.Count),
        ("fp64_contents", contents.Fp64Contents.Count),
        ("bytes_contents", contents.BytesContents.Count),
    };

    private static byte[] Narrow<TWide, TElement>(string input, string datatype, RepeatedField<TWide> elements, TWide min, TWide max, Func<TWide, TElement> convert)
        where TWide : struct, IComparable<TWide>, IFormattable
        where TElement : unmanaged
    {
        for (var index = 0; index < elements.Count; index++)
        {
            if (elements[index].CompareTo(min) < 0 || elements[index].CompareTo(max) > 0)
                throw Fault.Invalid($"inputs.{input}", string.Create(CultureInfo.InvariantCulture, $"expected {datatype} from {min} to {max}, got {elements[index]} as element {index}"));
        }

        return Convert(elements, convert);
    }

    private static byte[] Convert<TWide, TElement>(RepeatedField<TWide> elements, Func<TWide, TElement> convert)
        where TElement : unmanaged
    {
        var raw = new byte[(long)elements.Count * Marshal.SizeOf<TElement>()];
        var typed = MemoryMarshal.Cast<byte, TElement>(raw.AsSpan());
        for (var index = 0; index < typed.Length; index++)
            typed[index] = convert(elements[index]);
        return raw;
    }

    private static byte[] Strings(RepeatedField<ByteString> elements)
    {
        long size = 0;
        foreach (var element in elements)
            size += BytesTensor.Size(element.Length);
        var raw = new byte[size];
        var rest = raw.AsSpan();
        foreach (var element in elements)
            BytesTensor.Put(ref rest, element.Span);
        return raw;
    }
}
