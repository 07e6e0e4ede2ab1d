using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.GraphBuilder;
using AttributeType = Mlops.Onnx.Format.AttributeProto.Types.AttributeType;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.ExternalModels;

/// <summary>One logistic regression of the iris data, fitted elsewhere, as two exporters would write it.</summary>
internal static class IrisModels
{
    public static readonly string[] Columns = ["sepal_length", "sepal_width", "petal_length", "petal_width"];
    public static readonly string[] Classes = ["setosa", "versicolor", "virginica"];

    private static readonly float[] Coefficients = [-0.4239f, 0.9674f, -2.5172f, -1.0793f, 0.5346f, -0.3216f, -0.2064f, -0.9439f, -0.1107f, -0.6458f, 2.7236f, 2.0232f];
    private static readonly float[] Intercepts = [9.8544f, 2.2373f, -12.0917f];

    /// <summary>As a converter of networks: products, softmax, and the name of the most likely class.</summary>
    public static byte[] AsNetwork(long rows = -1)
    {
        var graph = new GraphBuilder();
        var x = graph.Input("X", DataType.Float, rows, 4);
        var logits = graph.Node("Gemm", [x, graph.Floats("coefficients", Coefficients, 3, 4), graph.Floats("intercepts", Intercepts, 3)], Attribute("transB", 1));
        var probabilities = graph.Node("Softmax", [logits], Attribute("axis", 1));
        var best = graph.Node("ArgMax", [probabilities], Attribute("axis", 1), Attribute("keepdims", 0));
        graph.Output("label", graph.NodeIn(MlDomain, "LabelEncoder", [best], Attribute("keys_int64s", (long[])[0, 1, 2]), Attribute("values_strings", Classes)), DataType.String, rows);
        graph.Output("probabilities", probabilities, DataType.Float, rows, 3);
        return OnnxFile.Write(graph.Build());
    }

    /// <summary>As skl2onnx with zipmap=False: one operator that gives label and probabilities.</summary>
    public static byte[] AsClassifier()
    {
        var model = new ModelProto { IrVersion = 8, ProducerName = "skl2onnx", Graph = new GraphProto { Name = "logistic" } };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx.ml", Version = 1 });
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 15 });
        var node = new NodeProto { OpType = "LinearClassifier", Domain = "ai.onnx.ml", Input = { "X" }, Output = { "label", "probabilities" } };
        node.Attribute.Add(new AttributeProto { Name = "coefficients", Type = AttributeType.Floats, Floats = { Coefficients } });
        node.Attribute.Add(new AttributeProto { Name = "intercepts", Type = AttributeType.Floats, Floats = { Intercepts } });
        node.Attribute.AddRange([Attribute("classlabels_strings", Classes), Attribute("multi_class", 1), Attribute("post_transform", "SOFTMAX")]);
        model.Graph.Node.Add(node);
        model.Graph.Input.Add(Value("X", DataType.Float, null, 4));
        model.Graph.Output.Add(Value("label", DataType.String, (long?)null));
        model.Graph.Output.Add(Value("probabilities", DataType.Float, null, 3));
        return OnnxFile.Write(model);
    }

    private static ValueInfoProto Value(string name, DataType type, params long?[] shape)
    {
        var dims = new TensorShapeProto();
        dims.Dim.AddRange(shape.Select(side => side is { } length ? new TensorShapeProto.Types.Dimension { DimValue = length } : new TensorShapeProto.Types.Dimension()));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dims } } };
    }
}
