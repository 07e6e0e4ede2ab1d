using Mlops.Onnx.Format;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx;

/// <summary>Whether a constant holds as many elements as it says.</summary>
internal static class TensorCheck
{
    /// <summary>What is wrong with the constant, or null.</summary>
    public static string? Find(TensorProto tensor)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0)
            return "its data lies in another file; data inside the model is accepted";
        if (ElementBytes(tensor.DataType) is not { } size)
            return $"data type {tensor.DataType} is not accepted; {string.Join(", ", Enum.GetValues<DataType>().Where(type => type != DataType.Undefined))} are";
        if (ElementCount(tensor) is not { } count)
            return $"dimensions {Shape(tensor)}; none below 0 and a product that fits 64 bits are accepted";
        return tensor.RawData.IsEmpty || tensor.DataType == (int)DataType.String
            ? FindInTyped(tensor, count)
            : FindInRaw(tensor, count, size);
    }

    private static string? FindInRaw(TensorProto tensor, long count, int size) =>
        (UInt128)tensor.RawData.Length == (UInt128)count * (UInt128)size
            ? null
            : $"{tensor.RawData.Length} bytes, but {Shape(tensor)} of {(DataType)tensor.DataType} takes {(UInt128)count * (UInt128)size}";

    private static string? FindInTyped(TensorProto tensor, long count)
    {
        var found = TypedCount(tensor);
        return found == count ? null : $"{found} elements, but {Shape(tensor)} takes {count}";
    }

    private static int TypedCount(TensorProto tensor) => (DataType)tensor.DataType switch
    {
        DataType.Float => tensor.FloatData.Count,
        DataType.Double => tensor.DoubleData.Count,
        DataType.Int64 => tensor.Int64Data.Count,
        DataType.Uint32 or DataType.Uint64 => tensor.Uint64Data.Count,
        DataType.String => tensor.StringData.Count,
        _ => tensor.Int32Data.Count,
    };

    private static int? ElementBytes(int type) => (DataType)type switch
    {
        DataType.Bool or DataType.Int8 or DataType.Uint8 => 1,
        DataType.Float16 or DataType.Bfloat16 or DataType.Int16 or DataType.Uint16 => 2,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 4,
        DataType.Double or DataType.Int64 or DataType.Uint64 => 8,
        DataType.String => 0,
        _ => null,
    };

    private static long? ElementCount(TensorProto tensor)
    {
        if (tensor.Dims.Contains(0))
            return tensor.Dims.Any(dim => dim < 0) ? null : 0;
        UInt128 count = 1;
        foreach (var dim in tensor.Dims)
        {
            if (dim < 0 || (count *= (UInt128)dim) > long.MaxValue)
                return null;
        }
        return (long)count;
    }

    private static string Shape(TensorProto tensor) => $"[{string.Join(", ", tensor.Dims)}]";
}
