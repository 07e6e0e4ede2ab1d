using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx.Certificates;
using Mlops.Scoring;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.GpuTests;

/// <summary>Training on a CUDA device. Built with <c>-p:Accelerator=cuda</c>; skipped where there is no device.</summary>
public sealed class CudaTests
{
    private static readonly ModelTrainer Trainer = new(TimeProvider.System);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static TheoryData<string, string, string> Architectures() => new()
    {
        { "iris", "class", """{"type":"linear"}""" },
        { "iris", "class", """{"type":"mlp","dropout":0}""" },
        { "penguins", "species", """{"type":"residual-mlp","normalization":"batch","dropout":0}""" },
        { "penguins", "species", """{"type":"embedding-mlp","dropout":0}""" },
        { "digits", "class", """{"type":"cnn","shape":[1,8,8],"normalization":"batch","globalAveragePooling":true,"dropout":0}""" },
        { "fine_foods", "score", """{"type":"text-bag","dropout":0}""" },
        { "fine_foods", "score", """{"type":"text-transformer","maxTokens":32,"dropout":0}""" },
    };

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Training_OnTheDevice_IsThatOnTheProcessor_AndItsExportComputesTheSame(string sample, string target, string model)
    {
        RequireCuda();
        var (train, test) = Rows(sample, Spec(target, model, "cuda"));
        using var there = Train(Spec(target, model, "cuda"), train, test);
        using var here = Train(Spec(target, model, "cpu"), train, test);

        (there.Device, here.Device).ShouldBe(("cuda:0", "cpu"));
        there.Backend.ShouldContain("cuda");
        var answers = there.Predict(test);
        // Sums in another order, over some steps.
        OutputDifference.Between(here.Predict(test), answers).Scaled.ShouldBeLessThan(0.02);
        using var scorer = new OnnxScorer(there.ToOnnx(), there.Signature);
        OutputDifference.Between(answers, scorer.Score(test).Outputs).Scaled.ShouldBeLessThan(ParityCertificate.DefaultTolerance);
    }

    [Fact]
    public void Training_WithDropout_Learns()
    {
        RequireCuda();
        var spec = Spec("class", """{"type":"mlp","dropout":0.2}""", "cuda", epochs: 40);
        var (train, test) = Rows("digits", spec);
        using var model = Train(spec, train, test);

        model.Kept.ValidationAccuracy!.Value.ShouldBeGreaterThan(0.95);
    }

    [Fact]
    public void Training_ResumedFromACheckpointOfTheDevice_EndsAsOneThatWasNeverKilled()
    {
        RequireCuda();
        var spec = Spec("class", """{"type":"mlp","dropout":0.2}""", "cuda", epochs: 20);
        var (train, test) = Rows("iris", spec);
        using var whole = Train(spec, train, test);

        TrainingCheckpoint? kept = null;
        using var kill = new CancellationTokenSource();
        var checkpointing = new Checkpointing { Save = checkpoint => kept = checkpoint, MinimumInterval = TimeSpan.Zero, Share = 1 };
        Should.Throw<OperationCanceledException>(() => Trainer.Train(
            new TrainingInput { Spec = spec, Train = train, Validation = test, Checkpointing = checkpointing }, new Until(10, kill), kill.Token));
        using var resumed = Trainer.Train(
            new TrainingInput { Spec = spec, Train = train, Validation = test, Checkpointing = checkpointing with { ResumeFrom = kept.ShouldNotBeNull() } }, cancellation: Stop);

        OutputDifference.Between(whole.Predict(test), resumed.Predict(test)).Scaled.ShouldBeLessThan(1e-5);
    }

    [Fact]
    public void Device_BeyondThoseThatThereAre_IsUnavailable()
    {
        RequireCuda();
        var spec = Spec("class", """{"type":"linear"}""", "cuda:99");
        var (train, test) = Rows("iris", spec);
        Should.Throw<Fault>(() => Train(spec, train, test)).Kind.ShouldBe(FaultKind.Unavailable);
    }

    [Fact]
    public void Environment_NamesTheDriver()
    {
        RequireCuda();
        var environment = EnvironmentReading.Read();
        environment.CudaDevices.ShouldBeGreaterThan(0);
        environment.Driver.ShouldNotBeNull();
    }

    private static void RequireCuda() => Assert.SkipUnless(ModelTrainer.HasCuda, "there is no CUDA device here, or this is no build with -p:Accelerator=cuda");

    private static PipelineSpec Spec(string target, string model, string device, int epochs = 3) => PipelineSpec.Parse(
        $$"""
        {
          "task": "classification", "target": "{{target}}", "model": {{model}},
          "training": { "epochs": {{epochs}}, "earlyStopping": null, "device": "{{device}}" }
        }
        """, "gpu");

    private static (Table Train, Table Test) Rows(string sample, PipelineSpec spec)
    {
        using var file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Samples", $"{sample}.csv"));
        var table = CsvTable.Read(file, CsvOptions.For(spec), Stop);
        var rows = Enumerable.Range(0, Math.Min(table.Rows, 1_000)).ToLookup(row => row % 5 == 0);
        return (table.Select([.. rows[false]]), table.Select([.. rows[true]]));
    }

    private static TrainedModel Train(PipelineSpec spec, Table train, Table test) =>
        Trainer.Train(new TrainingInput { Spec = spec, Train = train, Validation = test }, cancellation: Stop);

    private sealed class Until(int epoch, CancellationTokenSource kill) : IProgress<EpochReport>
    {
        public void Report(EpochReport value)
        {
            if (value.Epoch == epoch)
                kill.Cancel();
        }
    }
}
