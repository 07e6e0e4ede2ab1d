using Google.Protobuf;
using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.UnitTests.Onnx;

public sealed class GraphCheckerTests
{
    [Fact]
    public void Check_GoodModels_Passes()
    {
        GraphChecker.Check(new Networks(1).Mixed());
        GraphChecker.Check(new Networks(1).Cnn());
    }

    [Fact]
    public void Check_UseBeforeDefinition_NamesNodeAndValue() => Problems(model =>
    {
        var (first, second) = (model.Graph.Node[0], model.Graph.Node[1]);
        (model.Graph.Node[0], model.Graph.Node[1]) = (second, first);
    }).ShouldBe(["graph.node[0]: Relu reads 'Gemm_2', which no input, initializer or earlier node defines"]);

    [Fact]
    public void Check_SecondDefinition_IsRefused() =>
        Problems(model => model.Graph.Node[1].Output[0] = "features").ShouldContain("graph.node[1]: defines 'features', which is defined already");

    [Fact]
    public void Check_MissingOutput_IsRefused() =>
        Problems(model => model.Graph.Output[0].Name = "nothing").ShouldBe(["graph.output: nothing produces 'nothing'"]);

    [Fact]
    public void Check_NoOutput_IsRefused() =>
        Problems(model => model.Graph.Output.Clear()).ShouldBe(["graph.output: there is none; at least one is accepted"]);

    [Fact]
    public void Check_DomainThatIsNotImported_IsRefused() =>
        Problems(model => model.Graph.Node[0].Domain = "com.microsoft").ShouldBe(["graph.node[0]: Gemm is of domain 'com.microsoft', which the model does not import"]);

    [Fact]
    public void Check_TwoSpellingsOfOneDomain_AreTheSame()
    {
        Problems(model => model.Graph.Node[0].Domain = "ai.onnx").ShouldBeEmpty();
        Problems(model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx", Version = 17 }))
            .ShouldBe(["opset_import: domain '' is imported 2 times; once is accepted"]);
    }

    [Fact]
    public void Check_ExternalData_IsRefused() => Problems(model =>
    {
        var tensor = model.Graph.Initializer[0];
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../secrets" });
    }).ShouldBe(["graph.initializer 'weight_0': its data lies in another file; data inside the model is accepted"]);

    [Fact]
    public void Check_TooFewBytes_SaysHowManyItTakes() =>
        Problems(model => model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[20]))
            .ShouldBe(["graph.initializer 'weight_0': 20 bytes, but [2, 3] of Float takes 24"]);

    [Fact]
    public void Check_DimensionsBeyond64Bits_AreRefused() =>
        Problems(model => model.Graph.Initializer[0].Dims.Add([long.MaxValue, 3]))
            .ShouldHaveSingleItem().ShouldContain("a product that fits 64 bits");

    [Theory]
    [InlineData(DataType.Float, 24)]
    [InlineData(DataType.Int8, 6)]
    [InlineData(DataType.Float16, 12)]
    [InlineData(DataType.Double, 48)]
    public void Check_BytesOfEachType_Fit(DataType type, int bytes) => Problems(model =>
    {
        model.Graph.Initializer[0].DataType = (int)type;
        model.Graph.Initializer[0].RawData = ByteString.CopyFrom(new byte[bytes]);
    }).ShouldBeEmpty();

    [Fact]
    public void Check_ElementsInTypedField_AreCounted()
    {
        static void Move(ModelProto model, int count)
        {
            model.Graph.Initializer[0].RawData = ByteString.Empty;
            model.Graph.Initializer[0].FloatData.AddRange(new float[count]);
        }
        Problems(model => Move(model, 6)).ShouldBeEmpty();
        Problems(model => Move(model, 5)).ShouldBe(["graph.initializer 'weight_0': 5 elements, but [2, 3] takes 6"]);
    }

    [Fact]
    public void Check_GraphInsideANode_SeesOuterValuesAndIsChecked()
    {
        static void AddBranch(ModelProto model, string reads) => model.Graph.Node[1].Attribute.Add(new AttributeProto
        {
            Name = "then_branch",
            G = new GraphProto
            {
                Node = { new NodeProto { OpType = "Relu", Input = { reads }, Output = { "inner" } } },
                Output = { new ValueInfoProto { Name = "inner" } },
            },
        });
        Problems(model => AddBranch(model, "Gemm_2")).ShouldBeEmpty();
        Problems(model => AddBranch(model, "missing")).ShouldHaveSingleItem().ShouldStartWith("graph.node[1].then_branch.node[0]: Relu reads 'missing'");
    }

    [Fact]
    public void Check_SeveralMistakes_ListsAll() => Problems(model =>
    {
        model.Graph.Node[0].Input[0] = "lost";
        model.Graph.Output[0].Name = "nothing";
        model.Graph.Initializer[1].DataType = 77;
    }).Length.ShouldBe(3);

    private static string[] Problems(Action<ModelProto> spoil)
    {
        var model = Networks.Mlp(new Networks(1).Layers(2, 3, 1));
        spoil(model);
        try
        {
            GraphChecker.Check(model);
            return [];
        }
        catch (Fault fault)
        {
            return [.. fault.Problems.Select(problem => problem.ToString())];
        }
    }
}
