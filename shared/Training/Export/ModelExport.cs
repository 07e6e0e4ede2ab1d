using System.Text.Json;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using Mlops.Training.Networks;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Export;

/// <summary>Writes preprocessing and network into one graph: what is served is what was trained.</summary>
internal static class ModelExport
{
    public static byte[] ToOnnx(Preprocessing preprocessing, Network network)
    {
        var graph = new GraphBuilder();
        var task = preprocessing.Target is ClassEncoding ? TaskKind.Classification : TaskKind.Regression;
        graph.Metadata("mlops.task", SpecJson.NameOf(task));
        graph.Metadata("mlops.columns", JsonSerializer.Serialize(preprocessing.Columns, SpecJson.Canonical));
        var output = network.Export(graph, FeatureExport.Add(graph, preprocessing));
        if (preprocessing.Target is ClassEncoding classes)
            AddClasses(graph, classes, output);
        else
            AddValues(graph, (NumericEncoding)preprocessing.Target, output);
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
                Columns = [.. ((NumericEncoding)preprocessing.Target).Columns.Select(column => column.Name)],
            }],
        };

    private static void AddClasses(GraphBuilder graph, ClassEncoding target, string logits)
    {
        var probabilities = graph.Node("Softmax", [logits], GraphBuilder.Attribute("axis", 1L));
        var code = graph.Node("ArgMax", [probabilities], GraphBuilder.Attribute("axis", 1L), GraphBuilder.Attribute("keepdims", 0L));
        var label = graph.NodeIn(GraphBuilder.MlDomain, "LabelEncoder", [code],
            GraphBuilder.Attribute("keys_int64s", Enumerable.Range(0, target.Width).Select(index => (long)index)),
            GraphBuilder.Attribute("values_strings", target.Classes));
        graph.Output(ModelSignature.LabelOutput, label, DataType.String, -1);
        graph.Output(ModelSignature.ProbabilitiesOutput, probabilities, DataType.Float, -1, target.Width);
    }

    private static void AddValues(GraphBuilder graph, NumericEncoding target, string output)
    {
        if (target.Scaling == Scaling.Standard)
        {
            var deviations = graph.Floats("target/deviation", target.Columns.Select(column => (float)column.Deviation).ToArray(), target.Width);
            var means = graph.Floats("target/mean", target.Columns.Select(column => (float)column.Mean).ToArray(), target.Width);
            output = graph.Node("Add", [graph.Node("Mul", [output, deviations]), means]);
        }
        graph.Output(ModelSignature.ValueOutput, output, DataType.Float, -1, target.Width);
    }
}
