using System.Text;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Governance;
using Mlops.Governance.ModelCheck;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.UnitTests.Inference;
using Shouldly;
using Xunit;
using static Mlops.Onnx.Format.TensorProto.Types;

namespace Mlops.UnitTests.Governance;

/// <summary>What a model that was made elsewhere must withstand before it is accepted, and what it cannot do meanwhile.</summary>
public sealed class ModelSandboxTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Refused => new()
    {
        { nameof(Garbage), "model: " },
        { nameof(Truncated), "model: " },
        { nameof(ForeignDomain), "opset_import: domain 'ai.onnx.contrib' is not accepted; ai.onnx, ai.onnx.ml and com.microsoft are" },
        { nameof(OldOpset), "opset_import: version 6 of ai.onnx is not accepted; 7 and above are" },
        { nameof(FutureOpset), "model: ONNX Runtime does not load it: " },
        { nameof(ExternalData), "graph.initializer 'weights': its data lies in another file; data inside the model is accepted" },
        { nameof(ExternalDataInABranch), "graph.node[0].value: its data lies in another file; data inside the model is accepted" },
        { nameof(SparseConstant), "graph.sparse_initializer: sparse constants are not accepted; dense ones are" },
        { nameof(LocalFunction), "functions: the local function 'Twice' is not accepted; a model whose functions are inlined is" },
        { nameof(UnknownOperator), "model: ONNX Runtime does not load it: " },
        { nameof(CannotRun), "model: it does not run on a row of zeros: " },
        { nameof(HugeInput), "model: input 'x' of shape [1, 100000, 100000] is larger than any request may be" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Check_WhatIsNotAccepted_SaysWhy(string model, string beginning)
    {
        var bytes = (byte[])typeof(ModelSandboxTests).GetMethod(model, System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!.Invoke(null, null)!;

        var fault = await Should.ThrowAsync<Fault>(() => Sandbox().CheckAsync(bytes, Cancel));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldStartWith(beginning);
        fault.Message.ShouldNotContain("/work", Case.Sensitive);
    }

    [Fact]
    public async Task Check_ASoundModel_TellsWhatItTakesAndGives()
    {
        var signature = await Sandbox().CheckAsync(Models.Columns().ToByteArray(), Cancel);
        signature.Inputs.Select(input => $"{input.Name} {input.Datatype}").ShouldBe(["age FP32", "city BYTES", "rooms INT64"]);
    }

    /// <summary>Fits no row of ones, and yet is sound: nobody can say which shapes it wants.</summary>
    [Fact]
    public async Task Check_ShapesThatNobodyCanKnow_AreLeftToTheCallers() => (await Sandbox().CheckAsync(Models.NeedsNine().ToByteArray(), Cancel)).Inputs.ShouldHaveSingleItem();

    [Fact]
    public async Task Check_AModelWithoutEnd_IsEndedInTime()
    {
        var fault = await Should.ThrowAsync<Fault>(() => Sandbox(seconds: 2).CheckAsync(Endless(), Cancel));
        fault.Message.ShouldBe("model: it was not loaded and run once within 2 seconds (Governance:ModelCheck:TimeoutSeconds)");
    }

    [Fact]
    public async Task Check_AModelThatTakesMoreMemoryThanItMay_IsRefused()
    {
        var fault = await Should.ThrowAsync<Fault>(() => Sandbox(memory: 256).CheckAsync(Hungry(), Cancel));
        fault.Message.ShouldBeOneOf(
            "model: the check did not survive it: it needs more than 256 MiB (Governance:ModelCheck:MemoryMiB) to be read, loaded and run once, or is damaged",
            fault.Message.StartsWith("model: it does not run on a row of zeros: ", StringComparison.Ordinal) ? fault.Message : "");
        // With as much as it wants, it is sound.
        await Sandbox(memory: 4096).CheckAsync(Hungry(), Cancel);
    }

    /// <summary>Two bytes each in the file, a hundred in memory: what reads it dies, and that must not be the service.</summary>
    [Fact]
    public async Task Check_AFileThatIsSmallerThanWhatItBecomes_IsRefused()
    {
        using var file = new MemoryStream();
        file.Write(Models.Add(1).ToByteArray());
        using (var output = new CodedOutputStream(file, leaveOpen: true))
        {
            output.WriteTag(ModelProto.GraphFieldNumber, WireFormat.WireType.LengthDelimited);
            output.WriteLength(60_000_000);
        }

        file.Write([.. Enumerable.Repeat((byte[])[0x0A, 0x00], 30_000_000).SelectMany(node => node)]);
        (await Should.ThrowAsync<Fault>(() => Sandbox(memory: 512).CheckAsync(file.ToArray(), Cancel))).Message.ShouldStartWith("model: the check did not survive it: ");
    }

    [Fact]
    public async Task Check_SeveralThingsWrong_TellsThemAll()
    {
        var fault = await Should.ThrowAsync<Fault>(() => Sandbox().CheckAsync(With(Models.Add(1), model =>
        {
            model.OpsetImport[0].Version = 6;
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx.contrib", Version = 1 });
        }), Cancel));
        fault.Problems.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Check_GivenUp_EndsTheProcess()
    {
        using var give = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Should.ThrowAsync<OperationCanceledException>(() => Sandbox(seconds: 60).CheckAsync(Endless(), give.Token));
    }

    private static ModelSandbox Sandbox(int seconds = 60, int memory = 1024) => new(
        Options.Create(new GovernanceOptions { ModelCheck = new ModelCheckOptions { TimeoutSeconds = seconds, MemoryMiB = memory } }), TimeProvider.System);

    private static byte[] Garbage() => Encoding.UTF8.GetBytes("no model at all");

    private static byte[] Truncated() => Models.Add(1).ToByteArray()[..^3];

    private static byte[] ForeignDomain() => With(Models.Add(1), model => model.OpsetImport.Add(new OperatorSetIdProto { Domain = "ai.onnx.contrib", Version = 1 }));

    private static byte[] OldOpset() => With(Models.Add(1), model => model.OpsetImport[0].Version = 6);

    private static byte[] FutureOpset() => With(Models.Add(1), model => model.OpsetImport[0].Version = 900);

    private static byte[] ExternalData()
    {
        var graph = new GraphBuilder();
        graph.Output("y", graph.Node("Add", [graph.Input("x", DataType.Float, -1, 2), graph.Floats("weights", [1], 1)]), DataType.Float, -1, 2);
        return With(graph.Build(), model => Outside(model.Graph.Initializer.Single(tensor => tensor.Name.StartsWith("weights", StringComparison.Ordinal)), "weights"));
    }

    private static byte[] ExternalDataInABranch() => With(Models.Add(1), model =>
    {
        var constant = new NodeProto { OpType = "Constant", Output = { "outside" } };
        constant.Attribute.Add(new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = new TensorProto { DataType = (int)DataType.Float, Dims = { 1 } } });
        Outside(constant.Attribute[0].T, "");
        model.Graph.Node.Insert(0, constant);
    });

    private static void Outside(TensorProto tensor, string name)
    {
        tensor.Name = name;
        tensor.FloatData.Clear();
        tensor.RawData = ByteString.Empty;
        tensor.DataLocation = DataLocation.External;
        tensor.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "../../etc/passwd" });
    }

    private static byte[] SparseConstant() => With(Models.Add(1), model => model.Graph.SparseInitializer.Add(new SparseTensorProto()));

    private static byte[] LocalFunction() => With(Models.Add(1), model => model.Functions.Add(new FunctionProto { Name = "Twice", Domain = "ai.onnx" }));

    private static byte[] UnknownOperator() => With(Models.Add(1), model => model.Graph.Node[0].OpType = "ReadFile");

    private static byte[] CannotRun() => Models.CannotRun().ToByteArray();

    private static byte[] HugeInput() => Models.Identity(DataType.Float, -1, 100_000, 100_000).ToByteArray();

    /// <summary>Counts to nine billion billions.</summary>
    private static byte[] Endless()
    {
        var body = new GraphProto { Name = "body" };
        body.Input.AddRange([Info("i", DataType.Int64), Info("c", DataType.Bool), Info("v", DataType.Float, 1)]);
        body.Node.Add(new NodeProto { OpType = "Identity", Input = { "c" }, Output = { "c_out" } });
        body.Node.Add(new NodeProto { OpType = "Add", Input = { "v", "v" }, Output = { "v_out" } });
        body.Output.AddRange([Info("c_out", DataType.Bool), Info("v_out", DataType.Float, 1)]);
        var graph = new GraphProto { Name = "endless" };
        graph.Input.Add(Info("x", DataType.Float, 1));
        graph.Initializer.Add(new TensorProto { Name = "times", DataType = (int)DataType.Int64, Int64Data = { long.MaxValue } });
        graph.Initializer.Add(new TensorProto { Name = "go", DataType = (int)DataType.Bool, Int32Data = { 1 } });
        graph.Node.Add(new NodeProto { OpType = "Loop", Input = { "times", "go", "x" }, Output = { "y" }, Attribute = { new AttributeProto { Name = "body", Type = AttributeProto.Types.AttributeType.Graph, G = body } } });
        graph.Output.Add(Info("y", DataType.Float, 1));
        return new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 17 } }, Graph = graph }.ToByteArray();
    }

    /// <summary>A few bytes that ask for a gibibyte.</summary>
    private static byte[] Hungry()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", DataType.Float, 1, 1);
        var large = graph.Node("Expand", [x, graph.Integers("shape", 16_384, 16_384)]);
        graph.Output("y", graph.Node("ReduceMax", [large]), DataType.Float, 1, 1);
        return graph.Build().ToByteArray();
    }

    private static ValueInfoProto Info(string name, DataType type, params long[] shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto() };
        tensor.Shape.Dim.AddRange(shape.Select(size => new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private static byte[] With(ModelProto model, Action<ModelProto> change)
    {
        change(model);
        return model.ToByteArray();
    }
}
