using System.Collections.Frozen;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Mlops.Scoring;

/// <summary>A datatype of the protocol and its counterpart in ONNX Runtime.</summary>
public sealed class TensorDatatype
{
    /// <summary>Every datatype.</summary>
    public static IReadOnlyList<TensorDatatype> All { get; } =
    [
        new("BOOL", 1, TensorElementType.Bool),
        new("UINT8", 1, TensorElementType.UInt8),
        new("UINT16", 2, TensorElementType.UInt16),
        new("UINT32", 4, TensorElementType.UInt32),
        new("UINT64", 8, TensorElementType.UInt64),
        new("INT8", 1, TensorElementType.Int8),
        new("INT16", 2, TensorElementType.Int16),
        new("INT32", 4, TensorElementType.Int32),
        new("INT64", 8, TensorElementType.Int64),
        new("FP16", 2, TensorElementType.Float16),
        new("BF16", 2, TensorElementType.BFloat16),
        new("FP32", 4, TensorElementType.Float),
        new("FP64", 8, TensorElementType.Double),
        new("BYTES", 0, TensorElementType.String),
    ];

    private static readonly FrozenDictionary<string, TensorDatatype> ByName = All.ToFrozenDictionary(datatype => datatype.Name);

    private static readonly FrozenDictionary<TensorElementType, TensorDatatype> ByElementType = All.ToFrozenDictionary(datatype => datatype.ElementType);

    private TensorDatatype(string name, int elementSize, TensorElementType elementType)
    {
        Name = name;
        ElementSize = elementSize;
        ElementType = elementType;
    }

    /// <summary>Every name, for error messages.</summary>
    public static string Names { get; } = string.Join(", ", All.Select(datatype => datatype.Name));

    /// <summary>The name on the wire.</summary>
    public string Name { get; }

    /// <summary>Bytes of one element; 0 for BYTES, whose elements differ in length.</summary>
    public int ElementSize { get; }

    /// <summary>The counterpart in ONNX Runtime.</summary>
    public TensorElementType ElementType { get; }

    /// <summary>Whether the elements are strings of bytes.</summary>
    public bool IsBytes => ElementSize == 0;

    /// <summary>The datatype of this name, or null.</summary>
    public static TensorDatatype? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The datatype for an element type of ONNX Runtime, or null when the protocol has none.</summary>
    public static TensorDatatype? Find(TensorElementType type) => ByElementType.GetValueOrDefault(type);
}
