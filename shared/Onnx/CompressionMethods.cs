using System.Runtime.InteropServices;
using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Onnx;

/// <summary>
/// The methods by their names in a spec. A variant's file depends on the original's file and the method alone: there is no chance
/// and no data in it. To add a method: a pass in this room, its name in <see cref="CompressionSpec"/>, a line here.
/// </summary>
public static class CompressionMethods
{
    /// <summary>What computes them here.</summary>
    public static string Backend { get; } = $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant()}";

    /// <summary>The variant's file.</summary>
    /// <exception cref="Fault">The method does not suit the model.</exception>
    public static byte[] Apply(string method, byte[] onnx)
    {
        var model = OnnxFile.Parse(onnx);
        var variant = method switch
        {
            CompressionSpec.Int8Dynamic => DynamicQuantization.Apply(model),
            CompressionSpec.Float16 => Float16Conversion.Apply(model),
            _ => throw Fault.Invalid("compression.methods", $"'{method}' is not accepted; {string.Join(", ", CompressionSpec.AllMethods)} are"),
        };
        GraphChecker.Check(variant);
        return OnnxFile.Write(variant);
    }
}
