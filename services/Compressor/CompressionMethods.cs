using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;

namespace Mlops.Compressor;

/// <summary>The methods by their names in a spec. To add one: a pass in shared/Onnx, its name in <see cref="CompressionSpec"/>, a line here.</summary>
internal static class CompressionMethods
{
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
