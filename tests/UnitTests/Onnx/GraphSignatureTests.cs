using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx;

public sealed class GraphSignatureTests
{
    /// <summary>The protocol's names for ONNX's element types, as the protocol's table of datatypes has them.</summary>
    [Theory]
    [InlineData(DataType.Float, "FP32")]
    [InlineData(DataType.Double, "FP64")]
    [InlineData(DataType.Float16, "FP16")]
    [InlineData(DataType.Bfloat16, "BF16")]
    [InlineData(DataType.Bool, "BOOL")]
    [InlineData(DataType.String, "BYTES")]
    [InlineData(DataType.Int8, "INT8")]
    [InlineData(DataType.Int64, "INT64")]
    [InlineData(DataType.Uint16, "UINT16")]
    [InlineData(DataType.Uint64, "UINT64")]
    public void Read_EveryElementType_HasTheProtocolsName(DataType type, string datatype)
    {
        var signature = GraphSignature.Read(Identity(type));
        signature.Inputs.ShouldHaveSingleItem().Datatype.ShouldBe(datatype);
        signature.Outputs.ShouldHaveSingleItem().Datatype.ShouldBe(datatype);
    }

    [Fact]
    public void Read_DimensionsThatVary_AreMinusOne() =>
        GraphSignature.Read(Identity(DataType.Float, -1, 3)).Inputs[0].Shape.ShouldBe([-1, 3]);

    [Fact]
    public void Read_ConstantAmongTheInputs_IsNoInput()
    {
        var graph = new GraphBuilder();
        var sum = graph.Node("Add", [graph.Input("x", DataType.Float, -1, 1), graph.Floats("one", [1f], 1)]);
        graph.Output("y", sum, DataType.Float, -1, 1);
        var model = graph.Build();
        // As files of IR version 3 have it.
        model.Graph.Input.Add(new ValueInfoProto { Name = model.Graph.Initializer[0].Name, Type = model.Graph.Input[0].Type.Clone() });
        GraphSignature.Read(OnnxFile.Write(model)).Inputs.Select(input => input.Name).ShouldBe(["x"]);
    }

    [Fact]
    public void Read_OutputThatIsNoTensor_SaysWhichAndWhatHelps()
    {
        var model = OnnxFile.Parse(Identity(DataType.Float));
        model.Graph.Output[0].Type = new TypeProto();
        Should.Throw<Fault>(() => GraphSignature.Read(OnnxFile.Write(model))).Message.ShouldBe(
            "graph.y: no tensor; tensors are accepted (a converter may have wrapped probabilities into maps: skl2onnx does not with zipmap=False)");
    }

    private static byte[] Identity(DataType type, params long[] shape)
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Input("x", type, shape), type, shape);
        return OnnxFile.Write(graph.Build());
    }
}
