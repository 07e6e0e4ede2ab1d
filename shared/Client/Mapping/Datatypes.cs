using System.Numerics;

namespace Mlops.Client.Mapping;

/// <summary>Makes something for the type of a tensor's elements.</summary>
internal interface INumberFactory<out TMade>
{
    TMade Make<T>()
        where T : unmanaged, INumber<T>, IMinMaxValue<T>;
}

/// <summary>The protocol's datatypes, and what holds their elements here. BF16 is missing: .NET has no such number.</summary>
internal static class Datatypes
{
    public const string Text = "BYTES";
    public const string Truth = "BOOL";

    public static readonly string[] Known = [Text, Truth, "INT8", "INT16", "INT32", "INT64", "UINT8", "UINT16", "UINT32", "UINT64", "FP16", "FP32", "FP64"];

    /// <summary>Makes something for a datatype of numbers; null for one that is not known. A BOOL is a byte, 0 or 1.</summary>
    public static TMade? Make<TMade>(string datatype, INumberFactory<TMade> factory)
        where TMade : class? => datatype switch
        {
            Truth or "UINT8" => factory.Make<byte>(),
            "UINT16" => factory.Make<ushort>(),
            "UINT32" => factory.Make<uint>(),
            "UINT64" => factory.Make<ulong>(),
            "INT8" => factory.Make<sbyte>(),
            "INT16" => factory.Make<short>(),
            "INT32" => factory.Make<int>(),
            "INT64" => factory.Make<long>(),
            "FP16" => factory.Make<Half>(),
            "FP32" => factory.Make<float>(),
            "FP64" => factory.Make<double>(),
            _ => null,
        };

    public static bool IsFraction(string datatype) => datatype is "FP16" or "FP32" or "FP64";
}
