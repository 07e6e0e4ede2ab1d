using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.TorchExport;
using Mlops.UnitTests.Training;
using Shouldly;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace Mlops.UnitTests.TorchExport;

[Collection(TrainingCollection.Name)]
public sealed class OnnxExportTests
{
    [Fact]
    public void Sequential_Nested_AgreesWithTorchAndMayShareRuns()
    {
        using var module = Parity.Randomised(nn.Sequential(
            ("features", nn.Sequential(
                ("conv", nn.Conv2d(1, 4, 3L, padding: 1L)), ("norm", nn.BatchNorm2d(4)), ("active", nn.ReLU(inplace: true)), ("pool", nn.AdaptiveAvgPool2d(1)))),
            ("flatten", nn.Flatten()),
            ("block", new Residual(nn.Sequential(nn.Linear(4, 4), nn.GELU(), nn.Dropout(0.5)))),
            ("classify", nn.Linear(4, 3)),
            ("share", nn.Softmax(1))));

        var export = Parity.ShouldAgree(module, 1, 8, 8);

        var graph = OnnxFile.Parse(export.Model);
        graph.OpsetImport[0].Version.ShouldBe(17);
        GraphChecker.Check(graph);
        RowIndependence.WhyNot(graph).ShouldBeNull();
        var signature = GraphSignature.Of(graph);
        signature.Inputs.ShouldHaveSingleItem().ShouldSatisfyAllConditions(input => input.Name.ShouldBe("input"), input => input.Shape.ShouldBe([-1, 1, 8, 8]));
        signature.Outputs.ShouldHaveSingleItem().ShouldSatisfyAllConditions(output => output.Name.ShouldBe("output"), output => output.Shape.ShouldBe([-1, 3]));
        graph.Graph.Initializer.Select(tensor => tensor.Name).ShouldContain(name => name.StartsWith("features.conv/kernel", StringComparison.Ordinal));
        graph.Graph.Initializer.Select(tensor => tensor.Name).ShouldContain(name => name.StartsWith("block._layer.0/weight", StringComparison.Ordinal));
    }

    [Fact]
    public void From_LengthsThatDiffer_MayVary()
    {
        using var module = nn.Sequential(nn.Conv2d(2, 3, 3L, padding: 1L), nn.MaxPool2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten());
        using var scope = NewDisposeScope();

        var export = OnnxExport.From(module, Parity.Numbers(1, 2, 2, 8, 6), Parity.Numbers(2, 1, 2, 10, 6));

        GraphSignature.Read(export.Model).Inputs[0].Shape.ShouldBe([-1, 2, -1, 6]);
        Parity.ShouldAgree(export, module, Parity.Numbers(3, 4, 2, 20, 6));
    }

    [Fact]
    public void From_EqualModules_GivesEqualBytes()
    {
        using var scope = NewDisposeScope();
        byte[] Export() => OnnxExport.From(Parity.Randomised(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.TransformerEncoderLayer(8, 2, 8))), Parity.Numbers(1, 3, 2, 4))
            .Certify(OrtRun.Run, "ONNX Runtime").Bytes;

        Export().ShouldBe(Export());
    }

    [Fact]
    public void From_UnsupportedLayers_NamesAllOfThemByTheirPaths()
    {
        using var scope = NewDisposeScope();
        var module = nn.Sequential(
            ("0", nn.Identity()),
            ("1", nn.Sequential(("up", nn.ConvTranspose2d(2, 3, 2L)), ("pool", nn.AdaptiveAvgPool2d(2)))),
            ("2", nn.Sequential(("half", nn.MaxPool2d(3, 2, 1, ceil_mode: true)), ("conv1", nn.Conv2d(3, 3, 3L, padding: 1L, padding_mode: PaddingModes.Circular)), ("norm", nn.BatchNorm2d(3, track_running_stats: false)))));

        var fault = Should.Throw<Fault>(() => OnnxExport.From(module, Parity.Numbers(1, 2, 2, 8, 8)));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Problems.Select(problem => problem.Field).ShouldBe(["1.up", "1.pool", "2.half", "2.conv1", "2.norm"]);
        fault.Problems[0].Message.ShouldBe(
            $"ConvTranspose2d is not accepted; {string.Join(", ", LayerExporters.Standard.Accepted)} are, and what IOnnxExportable or LayerExporters.With is for");
        fault.Problems[1].Message.ShouldBe("output size [2, 2] is not accepted; 1 along each axis, the global average, is");
        fault.Problems[2].Message.ShouldBe("ceil_mode with padding is not accepted; one of them is");
        fault.Problems[3].Message.ShouldBe("padding mode Circular is not accepted; Zeros, Reflect and Replicate are");
        fault.Problems[4].Message.ShouldBe("without running statistics is not accepted, because a row's answer would depend on its batch; track_running_stats is");
    }

    [Fact]
    public void From_SamplesThatDoNotFit_Faults()
    {
        using var scope = NewDisposeScope();
        var module = nn.Linear(4, 2);

        ShouldFault("inputs: there are none; at least one is accepted");
        ShouldFault("inputs[0]: is of Float64; Float32 and Int64 are accepted", zeros([1, 4], ScalarType.Float64));
        ShouldFault("inputs[0]: has no rows; at least one along the first dimension is accepted", zeros([0, 4]));
        ShouldFault("inputs[1]: has 3 dimensions of Float32; 2 of Float32 are accepted, as inputs[0] has", zeros([1, 4]), zeros([1, 1, 4]));
        ShouldFault("inputs[0]: the module does not take the shape [2, 3]: mat1 and mat2 shapes cannot be multiplied (2x3 and 4x2)", zeros([2, 3]));
        Should.Throw<Fault>(() => OnnxExport.From(nn.Linear(4, 2, dtype: ScalarType.Float64), zeros([1, 4]))).Problems[0].Field.ShouldBe("inputs[0]");
        Should.Throw<Fault>(() => OnnxExport.From(nn.Flatten(0), zeros([2, 4]))).Message
            .ShouldBe("module: answers 2 rows with the shape [8]; one that keeps the first dimension is accepted");
        Should.Throw<Fault>(() => OnnxExport.From(nn.Embedding(3, 2, dtype: ScalarType.Float16), zeros([1, 2], ScalarType.Int64))).Message
            .ShouldBe("module: answers with Float16; Float32 is accepted");

        void ShouldFault(string message, params Tensor[] inputs) => Should.Throw<Fault>(() => OnnxExport.From(module, inputs)).Message.ShouldBe(message);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void From_ModuleInTraining_IsExportedOutsideAndLeftAsItWas(bool outer, bool inner)
    {
        using var scope = NewDisposeScope();
        var norm = nn.BatchNorm1d(4);
        var block = nn.Sequential(norm, nn.Dropout(0.5));
        var module = Parity.Randomised(nn.Sequential(nn.Linear(4, 4), block, new Residual(nn.Dropout(0.5))));
        module.train(outer);
        block.train(inner);
        var mean = norm.running_mean!.clone();
        var input = Parity.Numbers(1, 3, 4);

        OnnxExport.From(module, input).Certify(OrtRun.Run, "ONNX Runtime", Parity.Tolerance);

        module.training.ShouldBe(outer);
        norm.training.ShouldBe(inner);
        norm.running_mean!.allclose(mean).ShouldBeTrue();
        input.allclose(Parity.Numbers(1, 3, 4)).ShouldBeTrue();
        Should.Throw<Fault>(() => OnnxExport.From(module, zeros([1, 5])));
        module.training.ShouldBe(outer);
        norm.training.ShouldBe(inner);
    }

    [Fact]
    public void From_LayerThatWorksInPlace_LeavesTheSamples()
    {
        using var scope = NewDisposeScope();
        var input = Parity.Numbers(1, 3, 4);

        var sample = OnnxExport.From(nn.Sequential(nn.SiLU(inplace: true), nn.Linear(4, 2)), input).Samples[0];

        input.allclose(Parity.Numbers(1, 3, 4)).ShouldBeTrue();
        Tensors.Floats(sample.Inputs[0]).ShouldBe([.. input.data<float>()]);
    }

    [Fact]
    public void From_LeavesNoTensors()
    {
        using var module = Parity.Randomised(nn.Sequential(
            nn.Conv1d(2, 8, 3L, padding: Padding.Same), nn.GroupNorm(2, 8), nn.ReLU(), nn.Linear(6, 8), nn.TransformerEncoderLayer(8, 2, 8), new AllSteps(nn.GRU(8, 3))));
        using var input = Parity.Numbers(1, 3, 2, 6);
        OnnxExport.From(module, input);
        // Those of tests before that nobody disposed go now, not while it is counted.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = Tensor.TotalCount;

        OnnxExport.From(module, input);

        Tensor.TotalCount.ShouldBe(before);
    }

    [Fact]
    public void From_WeightsThatNoFileHolds_Faults()
    {
        using var scope = NewDisposeScope();
        // Memory that nobody writes to is not there yet.
        using var module = new Scaled(new Parameter(empty(600_000_000), requires_grad: false));

        Should.Throw<Fault>(() => OnnxExport.From(module, zeros([1, 1]))).Message
            .ShouldBe("module: has 2400000000 bytes of weights; up to 2130706431 are accepted, which is what one ONNX file holds");
    }

    [Fact]
    public void From_WeightsOfAnotherType_Faults()
    {
        using var scope = NewDisposeScope();
        using var module = nn.Sequential(("scale", new Scaled(new Parameter(ones([1], ScalarType.Float64)))));

        Should.Throw<Fault>(() => OnnxExport.From(module, ones([1, 1]))).Message
            .ShouldBe("scale: weight is of Float64; Float32 is accepted (module.to(ScalarType.Float32))");
    }

    [Fact]
    public void From_ManySamples_KeepsWhatFits()
    {
        using var scope = NewDisposeScope();
        var module = nn.Linear(100, 2);
        var options = new OnnxExportOptions { MaxSampleBytes = 5_000 };

        var samples = OnnxExport.From(module, [Parity.Numbers(1, 2, 100), Parity.Numbers(2, 50, 100), Parity.Numbers(3, 1, 100)], options).Samples;

        samples.Select(sample => sample.Rows).ShouldBe([2, 10]);
        samples.Sum(sample => sample.Bytes).ShouldBeInRange(4_800, 5_000);
        Should.Throw<Fault>(() => OnnxExport.From(module, [Parity.Numbers(1, 2, 100)], options with { MaxSampleBytes = 100 })).Message
            .ShouldBe("maxSampleBytes: 100 is not accepted: a single row of the first sample takes more");
    }
}
