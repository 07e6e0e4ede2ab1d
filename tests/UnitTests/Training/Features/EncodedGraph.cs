using Microsoft.ML.OnnxRuntime;
using Mlops.Onnx;
using Mlops.Tabular;
using Mlops.Training.Export;
using Mlops.Training.Features;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Training.Features;

/// <summary>The graph's side of a preprocessing, alone, as ONNX Runtime runs it.</summary>
internal sealed class EncodedGraph : IDisposable
{
    private readonly Preprocessing _preprocessing;
    private readonly InferenceSession _session;

    public EncodedGraph(Preprocessing preprocessing)
    {
        _preprocessing = preprocessing;
        var graph = new GraphBuilder();
        graph.Output("encoded", FeatureExport.Add(graph, preprocessing), DataType.Float, -1, preprocessing.Width);
        _session = new InferenceSession(OnnxFile.Write(graph.Build()));
    }

    /// <summary>Rows × width.</summary>
    public float[] Encode(Table table)
    {
        using var results = _session.Run([.. FeatureExport.InputsOf(_preprocessing).Select(input => OnnxModel.InputOf(input, table))]);
        return [.. results[0].AsEnumerable<float>()];
    }

    public void Dispose() => _session.Dispose();
}
