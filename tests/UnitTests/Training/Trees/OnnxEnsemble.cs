using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Mlops.Onnx;
using Mlops.Training.Trees;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Training.Trees;

/// <summary>Trees without preprocessing, as ONNX Runtime runs them.</summary>
internal static class OnnxEnsemble
{
    public static float[] Run(TreeEnsemble ensemble, float[] rows, int width)
    {
        var graph = new GraphBuilder();
        graph.Output("values", ensemble.Export(graph, graph.Input("rows", DataType.Float, -1, width)), DataType.Float, -1, -1);
        using var session = new InferenceSession(OnnxFile.Write(graph.Build()));
        using var results = session.Run([NamedOnnxValue.CreateFromTensor("rows", new DenseTensor<float>(rows, [rows.Length / width, width]))]);
        return [.. results[0].AsEnumerable<float>()];
    }
}
