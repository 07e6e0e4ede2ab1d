using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.Tabular;
using Mlops.UnitTests.Onnx;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Scoring;

/// <summary>Models with signatures and tables for them.</summary>
internal static class Samples
{
    public static ModelProto Mixed { get; } = new Networks(7).Mixed();

    public static byte[] MixedBytes { get; } = OnnxFile.Write(Mixed);

    public static ModelSignature MixedSignature { get; } = new()
    {
        Task = TaskKind.Classification,
        Inputs =
        [
            new TensorSignature { Name = "numbers", Datatype = "FP32", Shape = [-1, 2], Columns = ["weight", "height"] },
            new TensorSignature { Name = "colour", Datatype = "BYTES", Shape = [-1, 1], Columns = ["paint"] },
        ],
        Outputs =
        [
            new TensorSignature { Name = "probabilities", Datatype = "FP32", Shape = [-1, 3] },
            new TensorSignature { Name = "label", Datatype = "BYTES", Shape = [-1] },
        ],
        Classes = ["a", "b", "c"],
    };

    /// <summary>The rows of <see cref="DynamicQuantizationTests.MixedRun"/>, in other columns' company.</summary>
    public static Table MixedTable { get; } = new(
    [
        new NumericColumn("height", [5, 9, double.NaN]),
        new CategoricalColumn("unused", [0, 0, 0], ["x"]),
        new CategoricalColumn("paint", [1, -1, 0], ["blue", "red"]),
        new NumericColumn("weight", [150, double.NaN, 60]),
    ]);

    public static ModelSignature SumsSignature { get; } = new()
    {
        Task = TaskKind.Regression,
        Inputs = [new TensorSignature { Name = "features", Datatype = "FP32", Shape = [-1, 2], Columns = ["x", "y"] }],
        Outputs = [new TensorSignature { Name = "value", Datatype = "FP32", Shape = [-1, 2] }],
    };

    /// <summary>(x, y) → (x + y, x − y).</summary>
    public static byte[] Sums()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("features", DataType.Float, -1, 2);
        graph.Output("value", graph.Node("MatMul", [x, graph.Floats("w", [1, 1, 1, -1], 2, 2)]), DataType.Float, -1, 2);
        return OnnxFile.Write(graph.Build());
    }

    public static Table Numbers(double[] x, double[] y) => new([new NumericColumn("x", x), new NumericColumn("y", y)]);
}
