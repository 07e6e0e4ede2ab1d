using Mlops.Onnx;
using Mlops.Onnx.Certificates;
using Mlops.Onnx.Format;

namespace Mlops.Trainer.Reproductions;

/// <summary>How a model that was made again stands to the one that was stored.</summary>
/// <param name="IsSameFile">Whether the files are the same, byte for byte.</param>
/// <param name="IsSameModel">Whether weights, preprocessing, architecture and operator sets are, bit for bit: a file also says what made and certified it.</param>
/// <param name="LargestDifference">The largest absolute difference between two weights; null where the graphs do not have the same weights.</param>
internal sealed record ModelDifference(bool IsSameFile, bool IsSameModel, double? LargestDifference)
{
    /// <param name="stored">An ONNX file.</param>
    /// <param name="again">An ONNX file.</param>
    public static ModelDifference Between(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> again)
    {
        if (stored.SequenceEqual(again))
            return new ModelDifference(IsSameFile: true, IsSameModel: true, 0);
        var (one, other) = (WithoutMaking(stored), WithoutMaking(again));
        return one.Equals(other) ? new ModelDifference(IsSameFile: false, IsSameModel: true, 0) : new ModelDifference(IsSameFile: false, IsSameModel: false, Largest(one.Graph, other.Graph));
    }

    private static ModelProto WithoutMaking(ReadOnlySpan<byte> onnx)
    {
        var model = OnnxFile.Parse(onnx);
        (model.ProducerName, model.ProducerVersion, model.DocString) = ("", "", "");
        model.MetadataProps.Clear();
        return model;
    }

    private static double? Largest(GraphProto one, GraphProto other)
    {
        var (weights, others) = (Floats(one), Floats(other));
        if (weights.Count == 0 || !weights.Keys.Order(StringComparer.Ordinal).SequenceEqual(others.Keys.Order(StringComparer.Ordinal)))
            return null;
        var largest = 0.0;
        foreach (var (name, tensor) in weights)
        {
            var same = others[name];
            if (!tensor.Dims.Equals(same.Dims))
                return null;
            largest = Math.Max(largest, OutputDifference.Between(Tensors.Floats(tensor), Tensors.Floats(same)).Absolute);
        }
        return largest;
    }

    private static Dictionary<string, TensorProto> Floats(GraphProto graph) =>
        graph.Initializer.Where(tensor => tensor.DataType == (int)TensorProto.Types.DataType.Float).ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
}
