using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using Mlops.Training.Heads;

namespace Mlops.Training.Export;

/// <summary>Writes preprocessing and what was trained into one graph: what is served is what was trained.</summary>
internal static class ModelExport
{
    public static byte[] ToOnnx(Preprocessing preprocessing, IPredictor predictor, Head head)
    {
        var graph = new GraphBuilder();
        var task = preprocessing.Target is ClassEncoding ? TaskKind.Classification : TaskKind.Regression;
        graph.Metadata("mlops.task", SpecJson.NameOf(task));
        graph.Metadata("mlops.columns", JsonSerializer.Serialize(preprocessing.Columns, SpecJson.Canonical));
        var output = predictor.Export(graph, FeatureExport.Add(graph, preprocessing));
        head.Export(graph, output);
        return OnnxFile.Write(graph.Build());
    }

    public static ModelSignature SignatureOf(Preprocessing preprocessing) => preprocessing.Target is ClassEncoding target
        ? new ModelSignature
        {
            Task = TaskKind.Classification,
            Inputs = FeatureExport.InputsOf(preprocessing),
            Outputs =
            [
                new TensorSignature { Name = ModelSignature.LabelOutput, Datatype = "BYTES", Shape = [-1] },
                new TensorSignature { Name = ModelSignature.ProbabilitiesOutput, Datatype = "FP32", Shape = [-1, target.Width] },
            ],
            Classes = target.Classes,
        }
        : new ModelSignature
        {
            Task = TaskKind.Regression,
            Inputs = FeatureExport.InputsOf(preprocessing),
            Outputs = [new TensorSignature
            {
                Name = ModelSignature.ValueOutput,
                Datatype = "FP32",
                Shape = [-1, preprocessing.Target.Width],
                Columns = ((NumericEncoding)preprocessing.Target).Columns,
            }],
        };
}
