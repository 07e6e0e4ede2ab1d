using Mlops.Contracts;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Mlops.Registry.Facts;
using Mlops.Trainer.Reproductions;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Trainer;

public sealed class ReproductionTests
{
    private static readonly TrainingEnvironment Environment = new()
    {
        OperatingSystem = "Debian 12",
        Architecture = "x64",
        Processor = "a processor",
        Processors = 2,
        CpuFeatures = ["avx2", "avx512f"],
        Runtime = ".NET 10",
        Packages = new Dictionary<string, string> { ["libtorch"] = "2.10.0" },
        Kernels = new Dictionary<string, string> { ["MKL_CBWR"] = "AVX2" },
        Threads = 1,
        CudaDevices = 0,
        PeakMemoryBytes = 1,
    };

    private static readonly TrainedWith Then = new("1.0", "libtorch 2.10.0, cpu, 1 thread", Environment);

    [Fact]
    public void Difference_SameBytes_IsTheSameFile() =>
        ModelDifference.Between(Model([1, 2]), Model([1, 2])).ShouldBe(new ModelDifference(IsSameFile: true, IsSameModel: true, 0));

    [Fact]
    public void Difference_OtherMetadata_IsTheSameGraph() =>
        ModelDifference.Between(Model([1, 2]), Model([1, 2], metadata: "another runtime")).ShouldBe(new ModelDifference(IsSameFile: false, IsSameModel: true, 0));

    /// <summary>An operator set is no talk: the same nodes compute something else by it.</summary>
    [Fact]
    public void Difference_OtherOperatorSet_IsNotTheSameModel()
    {
        var model = OnnxFile.Parse(Model([1, 2]));
        model.OpsetImport[0].Version++;
        ModelDifference.Between(Model([1, 2]), OnnxFile.Write(model)).IsSameModel.ShouldBeFalse();
    }

    [Theory]
    [InlineData(2f, 2.25f, 0.25)]
    [InlineData(0f, -0f, 0)]
    [InlineData(1f, float.NaN, double.PositiveInfinity)]
    public void Difference_OtherWeights_IsTheLargest(float stored, float again, double largest) =>
        ModelDifference.Between(Model([1, stored]), Model([1, again])).ShouldBe(new ModelDifference(IsSameFile: false, IsSameModel: false, largest));

    [Fact]
    public void Difference_WeightsOfAnotherShapeOrName_CannotBeMeasured()
    {
        ModelDifference.Between(Model([1, 2]), Model([1, 2, 3])).LargestDifference.ShouldBeNull();
        ModelDifference.Between(Model([1, 2]), Model([1, 2], name: "other")).LargestDifference.ShouldBeNull();
    }

    [Fact]
    public void Judgement_SameGraph_IsIdentical_WhateverTheEnvironment()
    {
        ReproductionJudgement.Of(new(true, true, 0), Metrics(), ["the code was 1.0 and is 2.0"])
            .ShouldBe(new(ReproductionVerdict.Identical, "weights and preprocessing are the same, bit for bit, and so is the whole file"));
        ReproductionJudgement.Of(new(false, true, 0), Metrics(), [])
            .ShouldBe(new(ReproductionVerdict.Identical, "weights and preprocessing are the same, bit for bit; the files differ in what they say of their making"));
    }

    [Theory]
    // Within 0.01, or a hundredth of what is above 1.
    [InlineData("accuracy", 0.95, 0.941, ReproductionVerdict.Equivalent)]
    [InlineData("accuracy", 0.95, 0.93, ReproductionVerdict.Different)]
    [InlineData("rmse", 200, 202, ReproductionVerdict.Equivalent)]
    [InlineData("rmse", 200, 203, ReproductionVerdict.Different)]
    [InlineData("rocAuc", double.NaN, double.NaN, ReproductionVerdict.Equivalent)]
    [InlineData("rocAuc", 0.9, double.NaN, ReproductionVerdict.Different)]
    public void Judgement_OtherWeights_IsByTheMetricThatDiffersMost(string metric, double stored, double again, ReproductionVerdict verdict) =>
        ReproductionJudgement.Of(new(false, false, 0.5), Metrics((metric, stored, again), ("f1", 0.9, 0.9)), []).Verdict.ShouldBe(verdict);

    [Fact]
    public void Judgement_SaysHowFarAndWhy()
    {
        ReproductionJudgement.Of(new(false, false, 0.25), Metrics(("accuracy", 0.95, 0.9), ("f1", 0.9, 0.88)), ["the code was 1.0 and is 2.0", "libtorch was 2.9 and is 2.10"]).Reason
            .ShouldBe("weights differ by at most 0.25, metrics by at most 0.05 (accuracy), more than the tolerated 0.01: the code was 1.0 and is 2.0; libtorch was 2.9 and is 2.10");
        ReproductionJudgement.Of(new(false, false, null), Metrics(("accuracy", 0.95, 0.95)), []).Reason
            .ShouldBe("the models do not have the same weights, metrics by at most 0 (accuracy), within the tolerated 0.01: nothing that is recorded of how they were trained differs");
    }

    [Fact]
    public void Judgement_NoMetrics_ProvesNothing() =>
        ReproductionJudgement.Of(new(false, false, 0.1), Metrics(), []).Verdict.ShouldBe(ReproductionVerdict.Different);

    [Fact]
    public void Causes_SameEnvironment_AreNone_HoweverMuchMemoryItTook() =>
        EnvironmentDifference.Between(Then, Then with { Environment = Environment with { PeakMemoryBytes = 2, OperatingSystem = "Debian 13" } }).ShouldBeEmpty();

    [Fact]
    public void Causes_NameEachThingThatCanChangeBits()
    {
        var now = Environment with
        {
            Processor = "another",
            Threads = 4,
            CpuFeatures = ["avx2", "neon"],
            Packages = new Dictionary<string, string> { ["libtorch"] = "2.9.1", ["LightGBM"] = "4.5" },
            Kernels = new Dictionary<string, string>(),
            Driver = "550.1",
        };

        EnvironmentDifference.Between(Then, new TrainedWith("2.0", "libtorch 2.9.1, cpu, 4 threads", now)).ShouldBe(
        [
            "the code was 1.0 and is 2.0",
            "the backend was libtorch 2.10.0, cpu, 1 thread and is libtorch 2.9.1, cpu, 4 threads",
            "the processor was a processor and is another",
            "the threads was 1 and is 4",
            "the driver was none and is 550.1",
            "LightGBM was none and is 4.5",
            "libtorch was 2.10.0 and is 2.9.1",
            "MKL_CBWR was AVX2 and is none",
            "the processor had avx512f and has not",
            "the processor had no neon and has",
        ]);
        EnvironmentDifference.Between(Then with { Environment = null }, Then).ShouldBe(["the first environment was not recorded"]);
    }

    [Fact]
    public void Causes_OfACompression_AreItsCodeAndWhatComputedIt()
    {
        var then = new Compression { Id = Guid.Empty, ParentModelVersionId = Guid.Empty, PipelineRunId = Guid.Empty, Measurements = [], Skipped = [], Backend = ".NET 10, x64", CodeVersion = "1.0", CreatedAt = default };
        EnvironmentDifference.OfCompressions(then, "1.0", ".NET 10, x64").ShouldBeEmpty();
        EnvironmentDifference.OfCompressions(then, "2.0", ".NET 10, arm64").ShouldBe(["the code was 1.0 and is 2.0", "the backend was .NET 10, x64 and is .NET 10, arm64"]);
    }

    [Fact]
    public void Causes_OfACompressionByAnOlderBuild_SayThatNothingIsKnown() =>
        EnvironmentDifference.OfCompressions(
            new Compression { Id = Guid.Empty, ParentModelVersionId = Guid.Empty, PipelineRunId = Guid.Empty, Measurements = [], Skipped = [], CreatedAt = default }, "2.0", ".NET 10, x64")
            .ShouldBe(["what compressed it first was not recorded"]);

    private static Dictionary<string, ReproducedMetric> Metrics(params (string Name, double Stored, double Again)[] metrics) =>
        metrics.ToDictionary(metric => metric.Name, metric => new ReproducedMetric(metric.Stored, metric.Again));

    private static byte[] Model(float[] weights, string name = "weights", string metadata = "a runtime")
    {
        var graph = new GraphBuilder();
        var input = graph.Input("x", TensorProto.Types.DataType.Float, -1, weights.Length);
        graph.Output("y", graph.Node("Mul", [input, graph.Floats(name, weights, weights.Length)]), TensorProto.Types.DataType.Float, -1, weights.Length);
        graph.Metadata("made by", metadata);
        return OnnxFile.Write(graph.Build());
    }
}
