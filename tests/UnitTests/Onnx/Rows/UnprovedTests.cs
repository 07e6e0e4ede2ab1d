using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using static Mlops.Onnx.GraphBuilder;
using static Mlops.UnitTests.Onnx.Rows.RowGraphs;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;
using Dimension = Mlops.Onnx.Format.TensorShapeProto.Types.Dimension;

namespace Mlops.UnitTests.Onnx.Rows;

/// <summary>What the analysis denies because it cannot see it, and what it does not let itself be held up by.</summary>
public sealed class UnprovedTests
{
    [Fact]
    public void WhyNot_InputOfAFixedNumberOfRows_SaysHowMany()
    {
        RowIndependence.WhyNot(Model(g => g.Node("Relu", [g.Input("x", DataType.Float, 1, 3)]))).ShouldBe("input 'x' takes 1 row at a time");
        RowIndependence.WhyNot(Model(g => g.Node("Add", [g.X(3), g.Input("z", DataType.Float, 8, 3)]))).ShouldBe("input 'z' takes 8 rows at a time");
    }

    [Fact]
    public void WhyNot_InputWithoutAFirstAxis_IsRefused()
    {
        RowIndependence.WhyNot(Model(g => g.Node("Relu", [g.Input("x", DataType.Float)]))).ShouldBe("input 'x' is a single value: no axis of it can be the batch");
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Input[0].Type.TensorType.Shape = null)).ShouldBe("input 'x' has no known number of dimensions");
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Input[0].Type = new TypeProto())).ShouldBe("input 'x' has no known number of dimensions");
    }

    [Fact]
    public void WhyNot_DimensionWithoutAName_Varies() =>
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Input[0].Type.TensorType.Shape.Dim[0] = new Dimension())).ShouldBeNull();

    [Fact]
    public void WhyNot_AxisAsLongAsThereAreRows_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Input[0].Type.TensorType.Shape.Dim[1] = new Dimension { DimParam = "batch" }))
            .ShouldBe("input 'x' is as long along another axis ('batch') as there are rows");

    [Fact]
    public void WhyNot_ConstantThatARequestMayReplace_IsRefused()
    {
        var model = Model(g => g.Node("Add", [g.X(3), g.C(3)]));
        RowIndependence.WhyNot(model).ShouldBeNull();
        model.Graph.Input.Add(new ValueInfoProto { Name = model.Graph.Initializer[0].Name, Type = model.Graph.Input[0].Type.Clone() });
        RowIndependence.WhyNot(model).ShouldBe($"input '{model.Graph.Initializer[0].Name}' has a default value: a request may replace it or not");
    }

    [Fact]
    public void WhyNot_OutputThatIsAConstant_IsRefused() =>
        RowIndependence.WhyNot(Model(g => { g.X(3); return g.Node("Neg", [g.C(1, 3)]); })).ShouldBe("output 'y' is a constant: it has no row for each row of a request");

    [Theory]
    [InlineData(6)]
    [InlineData(26)]
    public void WhyNot_OperatorSetThatIsNotKnown_SaysWhichAre(long opset) =>
        RowIndependence.WhyNot(Model(Relu, opset: opset)).ShouldBe($"node 'Relu_node_1' (Relu) is of operator set {opset}; 7 to 25 are known");

    [Fact]
    public void WhyNot_DomainThatIsImportedTwice_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 12 }))).ShouldBe("node 'Relu_node_1' (Relu) is of operator set 0; 7 to 25 are known");

    [Fact]
    public void WhyNot_OtherSpellingOfTheDomain_IsTheSame() =>
        RowIndependence.WhyNot(With(Relu, model => (model.OpsetImport[0].Domain, model.Graph.Node[0].Domain) = ("ai.onnx", "ai.onnx"))).ShouldBeNull();

    [Fact]
    public void WhyNot_OperatorOfAnotherDomain_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Node[0].Domain = "org.example")).ShouldBe("node 'Relu_node_1' (Relu) is no operator that the analysis knows");

    [Fact]
    public void WhyNot_FunctionOfTheModel_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.Functions.Add(new FunctionProto { Name = "Relu", Domain = "ai.onnx" }))).ShouldBe("node 'Relu_node_1' (Relu) is a function of the model's own");

    [Fact]
    public void WhyNot_NodeWithAGraph_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Node[0].Attribute.Add(new AttributeProto { Name = "body", G = new GraphProto() }))).ShouldBe("node 'Relu_node_1' (Relu) holds a graph of its own");

    [Fact]
    public void WhyNot_NodeWithoutAName_IsNamedByItsOutput() =>
        RowIndependence.WhyNot(With(g => g.Node("Softmax", [g.X()]), model => model.Graph.Node[0].Name = "")).ShouldBe("the node of 'Softmax_0' (Softmax) works along the rows");

    [Fact]
    public void WhyNot_SeveralCauses_TellsTheFirst() =>
        RowIndependence.WhyNot(Model(g => g.Node("Softmax", [g.Node("Softmax", [g.X()])]))).ShouldBe("node 'Softmax_node_1' (Softmax) works along the rows");

    [Fact]
    public void WhyNot_ValueThatNothingDefines_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Node[0].Input[0] = "lost")).ShouldBe("node 'Relu_node_1' (Relu) reads 'lost', which nothing before it defines");

    [Fact]
    public void WhyNot_OutputThatNothingDefines_IsRefused() =>
        RowIndependence.WhyNot(With(Relu, model => model.Graph.Output[0].Name = "lost")).ShouldBe("output 'lost': nothing produces it");

    [Fact]
    public void WhyNot_CauseThatNoOutputComesFrom_DoesNotCount() => RowIndependence.WhyNot(Model(g =>
    {
        var x = g.X(3);
        g.Node("ReduceMean", [x]);
        return g.Node("Relu", [x]);
    })).ShouldBeNull();

    [Fact]
    public void WhyNot_EachKindOfConstantNode_IsAConstant()
    {
        Broadcasts(Attribute("value_float", 2f), DataType.Float).ShouldBeNull();
        Broadcasts(new AttributeProto { Name = "value_floats", Floats = { 1, 2, 3 } }, DataType.Float).ShouldBeNull();
        Broadcasts(new AttributeProto { Name = "value", T = Tensors.Of("", (float[])[1, 2, 3], 1, 3) }, DataType.Float).ShouldBeNull();
        Broadcasts(Attribute("value_int", 2), DataType.Int64).ShouldBeNull();
        Broadcasts(Attribute("value_ints", [1L, 2, 3]), DataType.Int64).ShouldBeNull();
        Broadcasts(new AttributeProto { Name = "value", T = Tensors.Of("", (float[])[1, 2, 3, 4, 5, 6], 2, 3) }, DataType.Float).ShouldNotBeNull().ShouldEndWith("lays a constant of shape [2, 3] along the rows");
        Broadcasts(new AttributeProto { Name = "sparse_value" }, DataType.Float).ShouldNotBeNull().ShouldEndWith("takes a constant whose shape is not known before it runs");

        static string? Broadcasts(AttributeProto value, DataType type) =>
            RowIndependence.WhyNot(Model(g => g.Node("Add", [g.Input("x", type, -1, 3), g.Node("Constant", [], value)])));
    }

    [Theory]
    [InlineData(DataType.Int64)]
    [InlineData(DataType.Int32)]
    public void WhyNot_AxesInAnyFieldOfTheConstant_AreRead(DataType type)
    {
        var typed = new TensorProto { DataType = (int)type, Dims = { 1 } };
        (type == DataType.Int64 ? (Action)(() => typed.Int64Data.Add(1)) : () => typed.Int32Data.Add(1))();
        var raw = Tensors.Raw("", type, type == DataType.Int64 ? [1, 0, 0, 0, 0, 0, 0, 0] : [1, 0, 0, 0], 1);
        foreach (var axes in new[] { typed, raw })
            RowIndependence.WhyNot(Model(g => g.Node("ReduceSum", [g.X(3), g.Constant(axes)]))).ShouldBeNull();
    }

    /// <summary>Sound or not, it takes more than the rule sees to say.</summary>
    [Fact]
    public void WhyNot_WhatIsNotKnownBeforeItRuns_IsRefused()
    {
        Cause(g => g.Node("Reshape", [g.X(-1), g.Integers("shape", -1, 3)])).ShouldBe("(Reshape) may join or split rows");
        Cause(g => g.Node("Reshape", [g.X(3), g.Node("Neg", [g.Integers("shape", 1, -3)])])).ShouldBe("(Reshape) takes axes or sizes that are not known before it runs");
        Cause(g => g.Node("Reshape", [g.X(3), g.Integers("shape", 0, 3)], Attribute("allowzero", 1))).ShouldBe("(Reshape) may join or split rows");
        Cause(g => g.Node("ReduceSum", [g.X(3), g.Input("axes", DataType.Int64, -1)])).ShouldBe("(ReduceSum) takes input 1 from the batch; a constant is accepted there");
        Cause(g => g.Node("Conv", [g.X(1, 4), g.Z(1, 3)])).ShouldBe("(Conv) takes input 1 from the batch; a constant is accepted there");
        Cause(g => g.Node("Add", [g.X(3), g.Node("Flatten", [g.C(1, 3)])])).ShouldBe("(Add) takes a constant whose shape is not known before it runs");
        Cause(g => g.Node("MatMul", [g.X(3), g.Node("Flatten", [g.C(3, 3)])])).ShouldBe("(MatMul) takes a constant whose shape is not known before it runs");
        Cause(g => g.Node("Slice", [g.X(3), g.Integers("starts", 0), g.Integers("ends", 0), g.Integers("axes", 1)])).ShouldBe("(Slice) makes rows without elements, which operators do not agree on");
    }

    /// <summary>Where rows and constants would have to be as many, or a vector is a row.</summary>
    [Fact]
    public void WhyNot_WhatSuitsSomeBatchesAlone_IsRefused()
    {
        Cause(g => g.Node("Split", [g.X(3)], Attribute("axis", 0))).ShouldBe("(Split) works along the rows");
        Cause(g => g.Node("Gemm", [g.X(3), g.C(3, 2), g.C(2, 1)])).ShouldBe("(Gemm) lays a constant of shape [2, 1] along the rows");
        Cause(g => g.Node("GatherElements", [g.X(3), g.Integers("places", 0)], Attribute("axis", 1))).ShouldBe("(GatherElements) takes a constant for each row");
        Cause(g => g.Node("QuantizeLinear", [g.X(3), g.Scale(2)], Attribute("axis", 0))).ShouldBe("(QuantizeLinear) may have a scale or zero point for each place in the batch");
        Cause(g => g.Node("QuantizeLinear", [g.X(4), g.Scale(1, 2)], Attribute("axis", 1), Attribute("block_size", 2))).ShouldBe("(QuantizeLinear) may have a scale or zero point for each place in the batch");
        Cause(g => g.Node("MatMulInteger", [g.Bytes(3), g.Bytes(DataType.Uint8, 3, 2), g.Bytes(DataType.Uint8, 2)])).ShouldBe("(MatMulInteger) may have a scale or zero point for each place in the batch");
        Cause(g => g.Node("QLinearMatMul", [g.Bytes(3), g.Scale(2), g.Bytes(DataType.Uint8, 2), g.Bytes(DataType.Uint8, 3, 2), g.Scale(), g.Bytes(DataType.Uint8), g.Scale(), g.Bytes(DataType.Uint8)]))
            .ShouldBe("(QLinearMatMul) may have a scale or zero point for each place in the batch");
        Cause(g => g.Node("BatchNormalization", [g.X(3), g.C(3), g.C(3), g.C(3), g.Scale(3)], Attribute("training_mode", 1))).ShouldBe("(BatchNormalization) normalises over the batch: it is in training mode");
        Cause(g => g.NodeIn(MlDomain, "Scaler", [g.X()], Floats("offset", 1, 2), Floats("scale", 1, 2))).ShouldBe("(Scaler) takes [rows, features]; a vector is one row to it");
        Cause(g => g.NodeIn(MlDomain, "Imputer", [g.X()], Floats("imputed_value_floats", 1, 2))).ShouldBe("(Imputer) takes [rows, features]; a vector is one row to it");
        Cause(g => g.NodeIn(MlDomain, "TreeEnsembleRegressor", [g.X()])).ShouldBe("(TreeEnsembleRegressor) takes [rows, features]; a vector is one row to it");
        Cause(g => g.Node("StringNormalizer", [g.Texts(2)])).ShouldBe("(StringNormalizer) takes a vector of texts");
        Cause(g => g.Node("Conv", [g.X(3), g.C(1, 1)])).ShouldBe("(Conv) takes rows of more dimensions");
    }

    /// <summary>The runtime would not load them.</summary>
    [Fact]
    public void WhyNot_NodesThatLackInputs_AreRefused()
    {
        const string Operators = "Gemm MatMul Gather GatherElements Conv Reshape Tile Expand CumSum ConvInteger MatMulInteger QLinearMatMul QLinearConv";
        foreach (var op in Operators.Split(' '))
        {
            RowIndependence.WhyNot(Model(g => g.Node(op, ["", g.X(3)]))).ShouldNotBeNull(op);
            RowIndependence.WhyNot(Model(g => { g.X(3); return g.Node(op, []); })).ShouldNotBeNull(op);
        }
    }

    /// <summary>The answer, without the number that the builder gives the node.</summary>
    private static string Cause(Func<GraphBuilder, string> build) => RowIndependence.WhyNot(Model(build)).ShouldNotBeNull().Split("' ", 2)[1];

    private static string Relu(GraphBuilder graph) => graph.Node("Relu", [graph.X(3)]);

    private static ModelProto With(Func<GraphBuilder, string> build, Action<ModelProto> change)
    {
        var model = Model(build);
        change(model);
        return model;
    }
}
