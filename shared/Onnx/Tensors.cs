using System.Runtime.InteropServices;
using Google.Protobuf;
using Mlops.Onnx.Format;

namespace Mlops.Onnx;

/// <summary>Makes and reads tensors of the ONNX format. Elements stand in row-major order.</summary>
public static class Tensors
{
    /// <summary>A tensor of 32-bit floats.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<float> values, params ReadOnlySpan<long> dims) =>
        Raw(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), dims);

    /// <summary>A tensor of 16-bit floats.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<Half> values, params ReadOnlySpan<long> dims) =>
        Raw(name, TensorProto.Types.DataType.Float16, MemoryMarshal.AsBytes(values), dims);

    /// <summary>A tensor of 64-bit integers.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<long> values, params ReadOnlySpan<long> dims) =>
        Raw(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes(values), dims);

    /// <summary>A tensor of signed bytes.</summary>
    public static TensorProto Of(string name, ReadOnlySpan<sbyte> values, params ReadOnlySpan<long> dims) =>
        Raw(name, TensorProto.Types.DataType.Int8, MemoryMarshal.AsBytes(values), dims);

    /// <summary>A tensor of texts.</summary>
    public static TensorProto Of(string name, IEnumerable<string> values, params ReadOnlySpan<long> dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)TensorProto.Types.DataType.String };
        tensor.Dims.AddRange(dims.ToArray());
        tensor.StringData.AddRange(values.Select(ByteString.CopyFromUtf8));
        return tensor;
    }

    /// <summary>A tensor from the bytes of its elements, little-endian.</summary>
    public static TensorProto Raw(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, params ReadOnlySpan<long> dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(bytes) };
        tensor.Dims.AddRange(dims.ToArray());
        return tensor;
    }

    /// <summary>The elements of a tensor of 32-bit floats, wherever the file keeps them.</summary>
    public static float[] Floats(TensorProto tensor) => tensor.RawData.IsEmpty
        ? [.. tensor.FloatData]
        : MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray();

    /// <summary>
    /// The elements of a tensor of integers of 32 or 64 bits or of truth values (0 or 1), wherever the file keeps them; null if
    /// it is of another type, or does not hold as many as it says.
    /// </summary>
    public static long[]? Integers(TensorProto tensor)
    {
        if (TensorCheck.Find(tensor) is not null)
            return null;
        var raw = tensor.RawData.Span;
        return (TensorProto.Types.DataType)tensor.DataType switch
        {
            TensorProto.Types.DataType.Int64 when raw.IsEmpty => [.. tensor.Int64Data],
            TensorProto.Types.DataType.Int64 => MemoryMarshal.Cast<byte, long>(raw).ToArray(),
            TensorProto.Types.DataType.Int32 or TensorProto.Types.DataType.Bool when raw.IsEmpty => [.. tensor.Int32Data],
            TensorProto.Types.DataType.Int32 => Array.ConvertAll(MemoryMarshal.Cast<byte, int>(raw).ToArray(), value => (long)value),
            TensorProto.Types.DataType.Bool => Array.ConvertAll(raw.ToArray(), value => (long)value),
            _ => null,
        };
    }
}
