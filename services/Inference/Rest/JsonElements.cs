using System.Text.Json;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Inference.Rest;

/// <summary>How a datatype's elements stand in JSON, between there and the protocol's raw form.</summary>
internal abstract class JsonElements
{
    /// <summary>How a caller gets an output for which JSON has nothing.</summary>
    public const string InsteadOfJson = "ask for it as bytes, by the output's parameter binary_data or the request's binary_data_output";

    private static readonly JsonBools Bools = new();
    private static readonly JsonNumbers<byte> UInt8 = new();
    private static readonly JsonNumbers<ushort> UInt16 = new();
    private static readonly JsonNumbers<uint> UInt32 = new();
    private static readonly JsonNumbers<ulong> UInt64 = new();
    private static readonly JsonNumbers<sbyte> Int8 = new();
    private static readonly JsonNumbers<short> Int16 = new();
    private static readonly JsonNumbers<int> Int32 = new();
    private static readonly JsonNumbers<long> Int64 = new();
    private static readonly JsonNumbers<float> Fp32 = new();
    private static readonly JsonNumbers<double> Fp64 = new();
    private static readonly JsonTexts Texts = new();

    /// <summary>What an element may be, in an error message.</summary>
    public abstract string Accepted { get; }

    /// <summary>Null for a datatype that JSON has nothing for: FP16 and BF16 travel as bytes alone.</summary>
    public static JsonElements? Of(TensorDatatype datatype) => datatype.ElementType switch
    {
        TensorElementType.Bool => Bools,
        TensorElementType.UInt8 => UInt8,
        TensorElementType.UInt16 => UInt16,
        TensorElementType.UInt32 => UInt32,
        TensorElementType.UInt64 => UInt64,
        TensorElementType.Int8 => Int8,
        TensorElementType.Int16 => Int16,
        TensorElementType.Int32 => Int32,
        TensorElementType.Int64 => Int64,
        TensorElementType.Float => Fp32,
        TensorElementType.Double => Fp64,
        TensorElementType.String => Texts,
        _ => null,
    };

    /// <summary>Puts the element that the reader is at, and moves <paramref name="rest"/> on behind it; false where it is none of the datatype.</summary>
    /// <exception cref="Fault">It is a text that cannot be read.</exception>
    public abstract bool TryRead(ref Utf8JsonReader reader, ref Span<byte> rest, string field);

    /// <summary>Writes the elements as values of an array.</summary>
    /// <exception cref="Fault">JSON has nothing for one of them.</exception>
    public abstract void Write(Utf8JsonWriter json, in OutputTensor output);

    /// <summary>An element of an answer for which JSON has nothing; the way out is the caller's.</summary>
    protected static Fault NotInJson(in OutputTensor output, string what) => Fault.Invalid($"outputs.{output.Name}", $"{what}; {InsteadOfJson}");
}
