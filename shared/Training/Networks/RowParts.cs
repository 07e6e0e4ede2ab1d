using Mlops.Onnx;
using Mlops.Training.Features;
using static TorchSharp.torch;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Networks;

/// <summary>Takes encoded rows [N, width] apart: numbers, and codes.</summary>
internal static class RowParts
{
    /// <summary>The numbers, one after another; each [N, k].</summary>
    public static IEnumerable<Tensor> NumbersOf(this RowLayout layout, Tensor rows) =>
        layout.Numbers.Select(places => rows.narrow(1, places.Offset, places.Width));

    /// <inheritdoc cref="NumbersOf(RowLayout, Tensor)"/>
    public static IEnumerable<string> NumbersOf(this RowLayout layout, GraphBuilder graph, string rows) =>
        [.. layout.Numbers.Select(places => graph.Slice(rows, axis: 1, places.Offset, places.Width))];

    /// <summary>The codes of a column, INT64 [N, k].</summary>
    public static Tensor CodesOf(this RowLayout.CodePlaces places, Tensor rows) => rows.narrow(1, places.Offset, places.Width).to(ScalarType.Int64);

    /// <inheritdoc cref="CodesOf(RowLayout.CodePlaces, Tensor)"/>
    public static string CodesOf(this RowLayout.CodePlaces places, GraphBuilder graph, string rows) =>
        graph.Cast(graph.Slice(rows, axis: 1, places.Offset, places.Width), DataType.Int64);
}
