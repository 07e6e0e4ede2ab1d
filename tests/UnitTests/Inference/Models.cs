using Mlops.Onnx;
using Mlops.Onnx.Format;
using static Mlops.Onnx.Format.TensorProto.Types;

namespace Mlops.UnitTests.Inference;

/// <summary>Small models whose answers can be worked by hand.</summary>
internal static class Models
{
    /// <summary>y = x.</summary>
    public static ModelProto Identity(DataType type, params long[] shape)
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Input("x", type, shape), type, shape);
        return graph.Build();
    }

    /// <summary>y = x + addend, over rows of two.</summary>
    public static ModelProto Add(float addend)
    {
        var graph = new GraphBuilder();
        var sum = graph.Node("Add", [graph.Input("x", DataType.Float, -1, 2), graph.Floats("addend", [addend], 1)]);
        graph.Output("y", sum, DataType.Float, -1, 2);
        return graph.Build();
    }

    /// <summary>As the trainer writes a model of numbers alone: the file names the columns of its one input.</summary>
    public static ModelProto NamedColumns()
    {
        var graph = new GraphBuilder();
        graph.Metadata("mlops.columns", """["width","height"]""");
        graph.Output("value", graph.Node("Identity", [graph.Input("features", DataType.Float, -1, 2)]), DataType.Float, -1, 2);
        return graph.Build();
    }

    /// <summary>sum = a + b and twice = 2a; b may have other rows than a only if the model says so.</summary>
    public static ModelProto TwoInputs()
    {
        var graph = new GraphBuilder();
        var a = graph.Input("a", DataType.Float, -1, 2);
        var b = graph.Input("b", DataType.Float, -1, 2);
        graph.Output("sum", graph.Node("Add", [a, b]), DataType.Float, -1, 2);
        graph.Output("twice", graph.Node("Add", [a, a]), DataType.Float, -1, 2);
        return graph.Build();
    }

    /// <summary>Looks rows up in a table of three: an index beyond it is a value that the operator cannot take.</summary>
    public static ModelProto Lookup()
    {
        var graph = new GraphBuilder();
        var row = graph.Node("Gather", [graph.Floats("table", [10, 20, 30], 3), graph.Input("index", DataType.Int64, -1)]);
        graph.Output("y", row, DataType.Float, -1);
        return graph.Build();
    }

    /// <summary>Adds the first row to each: without a row, its operators fail.</summary>
    public static ModelProto AddFirstRow()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, -1, 2);
        graph.Output("y", graph.Node("Add", [x, graph.Node("Gather", [x, graph.Integers("first", 0)])]), DataType.Float, -1, 2);
        return graph.Build();
    }

    /// <summary>A reshape that no row fits.</summary>
    public static ModelProto CannotRun()
    {
        var graph = new GraphBuilder();
        var reshaped = graph.Node("Reshape", [graph.Input("x", DataType.Float, -1, 2), graph.Integers("shape", 7, 7)]);
        graph.Output("y", reshaped, DataType.Float, 7, 7);
        return graph.Build();
    }

    /// <summary>A convolution that needs 3×3 pixels: no row of ones fits, and yet it is sound.</summary>
    public static ModelProto NeedsNine()
    {
        var graph = new GraphBuilder();
        var convolved = graph.Node("Conv", [graph.Input("image", DataType.Float, -1, 1, -1, -1), graph.Floats("kernel", [1, 1, 1, 1, 1, 1, 1, 1, 1], 1, 1, 3, 3)]);
        graph.Output("y", convolved, DataType.Float, -1, 1, -1, -1);
        return graph.Build();
    }

    /// <summary>The sum over the second axis of whatever comes.</summary>
    public static ModelProto Sum()
    {
        var graph = new GraphBuilder();
        var sum = graph.Node("ReduceSum", [graph.Input("x", DataType.Float, -1, -1), graph.Integers("axes", 1)], GraphBuilder.Attribute("keepdims", 0));
        graph.Output("y", sum, DataType.Float, -1);
        return graph.Build();
    }

    /// <summary>A classifier over two numbers: "big" where their sum is above 10, else "small"; its probabilities are made up of the first.</summary>
    public static ModelProto Classifier()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("features", DataType.Float, -1, 2);
        var sum = graph.Node("ReduceSum", [x, graph.Integers("axes", 1)], GraphBuilder.Attribute("keepdims", 0));
        var big = graph.Node("Cast", [graph.Node("Greater", [sum, graph.Floats("bound", [10], 1)])], GraphBuilder.Attribute("to", (long)DataType.Int64));
        var label = graph.Node("Gather", [graph.Constant(Tensors.Of("names", ["small", "big"], 2)), big]);
        graph.Output("label", label, DataType.String, -1);
        graph.Output("probabilities", graph.Node("Mul", [x, graph.Floats("half", [0.5f], 1)]), DataType.Float, -1, 2);
        return graph.Build();
    }

    /// <summary>An input per column: value = age, plus 100 where city is Bonn, plus 1000 × rooms.</summary>
    public static ModelProto Columns()
    {
        var graph = new GraphBuilder();
        var age = graph.Input("age", DataType.Float, -1, 1);
        var city = graph.Input("city", DataType.String, -1, 1);
        var rooms = graph.Input("rooms", DataType.Int64, -1, 1);
        var bonus = graph.NodeIn(GraphBuilder.MlDomain, "LabelEncoder", [city],
            GraphBuilder.Attribute("keys_strings", ["Bonn"]),
            new AttributeProto { Name = "values_floats", Type = AttributeProto.Types.AttributeType.Floats, Floats = { 100 } },
            GraphBuilder.Attribute("default_float", 0f));
        var wide = graph.Node("Mul", [graph.Node("Cast", [rooms], GraphBuilder.Attribute("to", (long)DataType.Float)), graph.Floats("thousand", [1000], 1)]);
        graph.Output("value", graph.Node("Add", [graph.Node("Add", [age, bonus]), wide]), DataType.Float, -1, 1);
        return graph.Build();
    }
}
