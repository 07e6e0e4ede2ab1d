using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Shouldly;
using TorchSharp;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>A training that is killed after a checkpoint and resumed is the training that never was.</summary>
[Collection(TrainingCollection.Name)]
public sealed class ResumeTests
{
    private static readonly PipelineSpec Spec = Given.Classification("species") with
    {
        Model = new MlpSpec { Hidden = [16, 8], Dropout = 0.3 },
        Optimizer = new AdamSpec { LearningRate = 0.03 },
        Training = new TrainingSpec { Epochs = 60, BatchSize = 32, EarlyStopping = new EarlyStoppingSpec { Patience = 6 }, Device = Device.Cpu },
    };

    private static readonly Dictionary<string, (PipelineSpec Spec, Table Train, Table? Validation)> Cases = new()
    {
        ["sgd"] = Mixed(Spec with { Optimizer = new SgdSpec { LearningRate = 0.5 } }),
        ["sgd with momentum"] = Mixed(Spec with { Optimizer = new SgdSpec { LearningRate = 0.05, Momentum = 0.9, WeightDecay = 0.001 } }),
        ["sgd with Nesterov's momentum"] = Mixed(Spec with { Optimizer = new SgdSpec { LearningRate = 0.05, Momentum = 0.9, Nesterov = true } }),
        ["adam"] = Mixed(Spec),
        ["adamw"] = Mixed(Spec with { Optimizer = new AdamWSpec { LearningRate = 0.02 }, Regularization = new RegularizationSpec { L1 = 1e-4, L2 = 1e-4 } }),
        ["nadam"] = Mixed(Spec with { Optimizer = new NAdamSpec { LearningRate = 0.03 } }),
        ["radam"] = Mixed(Spec with { Optimizer = new RAdamSpec { LearningRate = 0.1 } }),
        ["rmsprop"] = Mixed(Spec with { Optimizer = new RmsPropSpec { LearningRate = 0.01, Momentum = 0.5, Centered = true } }),
        ["adagrad"] = Mixed(Spec with { Optimizer = new AdagradSpec { LearningRate = 0.1, LearningRateDecay = 0.01 }, Regularization = new RegularizationSpec { MaxNorm = 1.5, ClipNorm = 1 } }),
        ["one cycle"] = Mixed(Spec with { Optimizer = new SgdSpec { LearningRate = 0.5, Schedule = new OneCycleScheduleSpec() } }),
        ["reduce on plateau"] = Mixed(Spec with { Optimizer = new AdamSpec { LearningRate = 0.1, Schedule = new PlateauScheduleSpec { Patience = 1, Cooldown = 2, WarmUpEpochs = 3 } } }),
        ["lbfgs"] = Mixed(Spec with { Model = new MlpSpec { Hidden = [16, 8], Dropout = 0 }, Optimizer = new LbfgsSpec { History = 3 }, Loss = new FocalLossSpec() }),
        ["batch normalisation"] = Mixed(Spec with { Model = new ResidualMlpSpec { Width = 8, Hidden = 12, Dropout = 0.2 } }),
        ["full batch"] = Mixed(Spec with { Training = Spec.Training with { BatchSize = 1_000, EarlyStopping = null } }),
        ["regression without validation"] = (
            Given.Regression("y0", "y1") with { Model = Spec.Model, Training = Spec.Training with { EarlyStopping = null } },
            Given.Matrices(80, (Oracle.Normals(1, 240), 3), (Oracle.Normals(2, 160), 2)),
            null),
        // Saturated units: the gradients of their biases are the error times 0, which may be −0.
        ["signed zeros"] = (
            Given.Regression("y0") with
            {
                Model = new MlpSpec { Hidden = [8], Activation = Activation.Tanh },
                Optimizer = new SgdSpec { LearningRate = 0.01, Momentum = 0.9 },
                Preprocessing = new PreprocessingSpec { Numeric = Scaling.None, Target = TargetScaling.None },
                Training = Spec.Training with { Epochs = 4, EarlyStopping = null },
            },
            Given.Matrices(1, ([1e4, 1e4], 2), ([1], 1)),
            null),
        ["cnn"] = Images(new CnnSpec { Shape = [1, 4, 4], Channels = [3, 4], Hidden = [6], Dropout = 0.2 }),
        ["cnn, normalised and averaged"] = Images(new CnnSpec
        {
            Shape = [1, 4, 4],
            Channels = [3, 4],
            Normalization = Normalization.Batch,
            GlobalAveragePooling = true,
            Hidden = [6],
            Dropout = 0.2,
        }),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Resume_AfterAnyCheckpoint_EndsInTheSameBits(string name)
    {
        var spec = Cases[name].Spec;
        var undisturbed = Run(name, checkpointing: false);
        var whole = Run(name);

        ShouldBeTheSame(whole, undisturbed);
        whole.Checkpoints.Select(checkpoint => checkpoint.Epoch).ShouldBe(Enumerable.Range(1, whole.Epochs - 1));
        (whole.Epochs < spec.Training.Epochs).ShouldBe(spec.Training.EarlyStopping is not null, "early stopping is to be seen at work");
        var chance = new Random(11);
        for (var kill = 0; kill < 5; kill++)
        {
            var from = whole.Checkpoints[chance.Next(whole.Checkpoints.Count)];

            var resumed = Run(name, TrainingCheckpoint.Read(from.Content.ToArray()));

            ShouldBeTheSame(resumed, whole, after: from.Epoch);
            resumed.Checkpoints.Select(TensorsOf).ShouldBe(whole.Checkpoints.Skip(from.Epoch).Select(TensorsOf), $"after epoch {from.Epoch}");
        }
    }

    [Theory]
    [InlineData("adam")]
    [InlineData("sgd with momentum")]
    public void Resume_KeepsNoTensors(string name)
    {
        var checkpoints = Run(name).Checkpoints;
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;

        Run(name, checkpoints[3]);

        DisposeScopeManager.Statistics.ThreadTotalLiveCount.ShouldBe(before);
    }

    [Fact]
    public void Resume_ElapsedTime_GoesOn()
    {
        var whole = Run("adam");
        var from = whole.Checkpoints[10];

        var resumed = Run("adam", from);

        from.Elapsed.ShouldBe(whole.Reports[10].Elapsed);
        resumed.Reports[0].Elapsed.ShouldBeGreaterThan(from.Elapsed);
    }

    [Fact]
    public void Resume_OtherSpecAndRows_NamesBoth()
    {
        var from = Run("adam").Checkpoints[0];
        var checkpointing = new Checkpointing { Save = _ => { }, ResumeFrom = from };
        var other = Spec with { Training = Spec.Training with { Seed = 7 } };

        var fault = Should.Throw<Fault>(() => Given.Train(other, Given.Mixed(90, seed: 4), Given.Mixed(40, seed: 9), checkpointing: checkpointing));

        fault.Kind.ShouldBe(FaultKind.Conflict);
        fault.Problems.Select(problem => problem.Field).ShouldBe(["checkpoint.spec", "checkpoint.rows"]);
        fault.Problems[0].Message.ShouldStartWith($"the checkpoint is of a training with {from.Header.Origin.Spec}; ");
    }

    [Fact]
    public void Resume_OtherBackend_IsRefused()
    {
        var from = Run("adam").Checkpoints[0];
        var onCuda = from.Header with { Origin = from.Header.Origin with { Backend = "libtorch 2.10.0, cuda, 1 thread, optimizers 1" } };

        Should.Throw<Fault>(() => Run("adam", new TrainingCheckpoint(onCuda, from.Content))).Message.ShouldBe(
            $"checkpoint.backend: the checkpoint is of a training with libtorch 2.10.0, cuda, 1 thread, optimizers 1; {from.Header.Origin.Backend} is accepted here");
    }

    [Fact]
    public void Train_EndsQuickly_TakesNoCheckpoint()
    {
        var taken = 0;
        using var model = Given.Train(Spec with { Training = Spec.Training with { Epochs = 5 } }, Given.Mixed(50, 3), Given.Mixed(20, 9), checkpointing: new Checkpointing { Save = _ => taken++ });

        taken.ShouldBe(0);
    }

    // An epoch takes 1 s, to save a checkpoint 5 s: with 2 % of the time, one each 250 s.
    [Fact]
    public void Train_SlowSaves_KeepToTheirShare()
    {
        var time = new StillTime();
        var taken = new List<int>();
        var checkpointing = new Checkpointing
        {
            Save = checkpoint =>
            {
                taken.Add(checkpoint.Epoch);
                time.Now += TimeSpan.FromSeconds(5);
            },
        };
        var spec = Spec with { Training = Spec.Training with { Epochs = 1_000, EarlyStopping = new EarlyStoppingSpec { Patience = 1_000 } } };

        using var model = Given.Train(spec, Given.Mixed(30, 3), Given.Mixed(20, 9), _ => time.Now += TimeSpan.FromSeconds(1), checkpointing: checkpointing, time: time);

        // The first came as soon as it may, because nobody knew what it costs.
        taken.ShouldBe([2, 495, 740, 985]);
    }

    private static (PipelineSpec Spec, Table Train, Table? Validation) Mixed(PipelineSpec spec) => (spec, Given.Mixed(100, seed: 3), Given.Mixed(40, seed: 9));

    private static (PipelineSpec Spec, Table Train, Table? Validation) Images(CnnSpec model) => (
        Given.Regression("y0") with { Model = model, Training = Spec.Training },
        Given.Matrices(80, (Oracle.Normals(3, 1_280), 16), (Oracle.Normals(4, 80), 1)),
        Given.Matrices(30, (Oracle.Normals(5, 480), 16), (Oracle.Normals(6, 30), 1)));

    private static Result Run(string name, TrainingCheckpoint? from = null, bool checkpointing = true)
    {
        var (spec, train, validation) = Cases[name];
        var reports = new List<EpochReport>();
        var checkpoints = new List<TrainingCheckpoint>();
        var every = new Checkpointing { Save = checkpoints.Add, ResumeFrom = from, MinimumInterval = TimeSpan.Zero, Share = 1 };
        using var model = Given.Train(spec, train, validation, reports.Add, checkpointing: checkpointing ? every : null);
        return new Result(model.ToOnnx(), model.Epochs, model.Kept, reports, checkpoints);
    }

    private static void ShouldBeTheSame(Result result, Result expected, int after = 0)
    {
        result.Onnx.ShouldBe(expected.Onnx, $"after epoch {after}");
        result.Epochs.ShouldBe(expected.Epochs);
        Timeless(result.Kept).ShouldBe(Timeless(expected.Kept));
        result.Reports.Select(Timeless).ShouldBe(expected.Reports.Skip(after).Select(Timeless));
    }

    private static EpochReport Timeless(EpochReport report) => report with { Elapsed = default };

    private static string TensorsOf(TrainingCheckpoint checkpoint) =>
        string.Join(' ', CheckpointFile.TensorsOf(checkpoint.Header, checkpoint.Content).Select(item => $"{item.Key}:{Convert.ToBase64String(item.Value.Span)}"));

    private sealed record Result(byte[] Onnx, int Epochs, EpochReport Kept, List<EpochReport> Reports, List<TrainingCheckpoint> Checkpoints);

    /// <summary>A stopwatch that is moved by hand.</summary>
    private sealed class StillTime : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }
}
