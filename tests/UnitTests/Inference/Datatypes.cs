using static Mlops.Onnx.Format.TensorProto.Types;

namespace Mlops.UnitTests.Inference;

/// <summary>The protocol's datatypes, each beside ONNX's.</summary>
internal static class Datatypes
{
    public static readonly (string Name, DataType Type)[] All =
    [
        ("BOOL", DataType.Bool), ("UINT8", DataType.Uint8), ("UINT16", DataType.Uint16), ("UINT32", DataType.Uint32), ("UINT64", DataType.Uint64),
        ("INT8", DataType.Int8), ("INT16", DataType.Int16), ("INT32", DataType.Int32), ("INT64", DataType.Int64),
        ("FP16", DataType.Float16), ("BF16", DataType.Bfloat16), ("FP32", DataType.Float), ("FP64", DataType.Double), ("BYTES", DataType.String),
    ];
}
