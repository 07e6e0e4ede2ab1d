using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>Once validation rows have told the best epoch, a model learns from them as well.</summary>
[Collection(TrainingCollection.Name)]
public sealed class RefitTests
{
    private const int TrainRows = 150;
    private static readonly Table All = Given.Mixed(200, seed: 1);
    private static readonly Table Train = All.Select([.. Enumerable.Range(0, TrainRows)]), Validation = All.Select([.. Enumerable.Range(TrainRows, 50)]);

    private static readonly PipelineSpec Network = Given.Classification("species") with
    {
        Model = new MlpSpec { Hidden = [16], Dropout = 0.2 },
        Training = new TrainingSpec { Epochs = 60, EarlyStopping = new EarlyStoppingSpec { Patience = 5 }, Device = Device.Cpu },
    };

    private static readonly Dictionary<string, PipelineSpec> Specs = new()
    {
        ["network"] = Network,
        ["trees"] = Network with { Model = new BoostedTreesSpec { Trees = 80, FeatureFraction = 0.7 } },
    };

    [Theory]
    [InlineData("network")]
    [InlineData("trees")]
    public void Train_WithBothTogether_IsAFitToAllRowsAsFarAsTheBestEpoch(string name)
    {
        var spec = Specs[name];
        var told = new List<EpochReport>();
        using var first = Given.Train(spec, Train, Validation);
        using var refitted = Given.Train(spec, Train, Validation, told.Add, together: All);
        var best = first.Kept.Epoch;
        // Steps of one size would leave the last weights to chance; over twice the epochs those of a cosine are as long in sum.
        var again = spec.Model is BoostedTreesSpec ? best : 2 * best;
        using var expected = Given.Train(
            spec with
            {
                Model = spec.Model is BoostedTreesSpec trees ? trees with { Trees = best } : spec.Model,
                Optimizer = spec.Optimizer with { Schedule = new CosineScheduleSpec() },
                Training = spec.Training with { Epochs = again, EarlyStopping = null },
            },
            All);

        refitted.ToOnnx().ShouldBe(expected.ToOnnx());
        refitted.ToOnnx().ShouldNotBe(first.ToOnnx());
        (refitted.Kept with { Elapsed = default }).ShouldBe(first.Kept with { Elapsed = default });
        (refitted.TrainRows, refitted.FirstFitRows, refitted.Epochs).ShouldBe((All.Rows, TrainRows, first.Epochs + again));
        (first.TrainRows, first.FirstFitRows).ShouldBe((TrainRows, null));
        told.Select(report => (report.Epoch, report.IsRefit)).ShouldBe([.. Enumerable.Range(1, first.Epochs).Select(epoch => (epoch, false)), .. Enumerable.Range(1, again).Select(epoch => (epoch, true))]);
        told.Where(report => report.IsRefit).ShouldAllBe(report => report.MostEpochs == again && report.ValidationLoss == null);
        refitted.Elapsed.ShouldBe(told[first.Epochs - 1].Elapsed + told[^1].Elapsed);
    }

    // A schedule over all epochs goes on as it did until the best one: it is not squeezed into as many.
    [Fact]
    public void Train_UnderASchedule_RefitsByTheSameLearningRates()
    {
        var told = new List<EpochReport>();
        var spec = Network with { Optimizer = new AdamSpec { LearningRate = 0.02, Schedule = new CosineScheduleSpec() }, Training = Network.Training with { BatchSize = 1_000 } };
        using var refitted = Given.Train(spec, Train, Validation, told.Add, together: All);

        told.Where(report => report.IsRefit).Select(report => report.LearningRate)
            .ShouldBe(told.Where(report => !report.IsRefit).Take(refitted.Kept.Epoch).Select(report => report.LearningRate));
    }

    [Fact]
    public void Train_NoBestEpochToRepeat_IsOneFit()
    {
        var milestones = new Milestones { Epochs = [], GoesOn = (_, _) => true };
        FirstFitRowsOf(new TrainingInput { Spec = Network, Train = Train, Validation = Validation, Together = All, Milestones = milestones }).ShouldBeNull();
        FirstFitRowsOf(new TrainingInput { Spec = Network with { Training = Network.Training with { Refit = false } }, Train = Train, Validation = Validation, Together = All }).ShouldBeNull();
        FirstFitRowsOf(new TrainingInput { Spec = Network with { Training = Network.Training with { EarlyStopping = null } }, Train = Train, Validation = Validation, Together = All }).ShouldBeNull();
        FirstFitRowsOf(new TrainingInput { Spec = Network, Train = Train, Validation = Validation }).ShouldBeNull();
        FirstFitRowsOf(new TrainingInput { Spec = Network, Train = Train, Validation = Validation, Together = All }).ShouldBe(TrainRows);

        static long? FirstFitRowsOf(TrainingInput input)
        {
            using var model = new ModelTrainer(TimeProvider.System).Train(input);
            return model.FirstFitRows;
        }
    }

    [Theory]
    [InlineData(null, 10_000, true)]
    [InlineData(null, 10_001, false)]
    [InlineData(true, 10_001, true)]
    [InlineData(false, 100, false)]
    public void Refits_UnlessSaid_UpToTenThousandRows(bool? refit, long rows, bool expected) =>
        new TrainingSpec { Refit = refit }.Refits(rows).ShouldBe(expected);

    [Theory]
    [InlineData("network")]
    [InlineData("trees")]
    public void Resume_BeforeOrWithinTheRefit_EndsInTheSameBits(string name)
    {
        var checkpoints = new List<TrainingCheckpoint>();
        var (onnx, reports) = Run(name, null, checkpoints.Add);

        checkpoints.Select(checkpoint => checkpoint.IsRefit).Distinct().ShouldBe([false, true]);
        var refits = checkpoints.FindIndex(checkpoint => checkpoint.IsRefit);
        foreach (var index in new[] { refits / 2, refits - 1, refits, (refits + checkpoints.Count) / 2, checkpoints.Count - 1 })
        {
            var from = TrainingCheckpoint.Read(checkpoints[index].Content);
            var resumed = Run(name, from, _ => { });
            resumed.Onnx.ShouldBe(onnx, $"from checkpoint {index}");
            resumed.Reports.ShouldBe(reports.SkipWhile(report => (report.IsRefit, report.Epoch) != (from.IsRefit, from.Epoch)).Skip(1));
        }
    }

    [Fact]
    public void Resume_ARefitThatIsNoLongerWanted_IsOfAnotherTraining()
    {
        var checkpoints = new List<TrainingCheckpoint>();
        Run("network", null, checkpoints.Add);
        var going = new Checkpointing { Save = _ => { }, ResumeFrom = checkpoints[^1] };

        var fault = Should.Throw<Fault>(() => Given.Train(Network, Train, Validation, checkpointing: going));

        fault.Problems.Select(problem => problem.Field).ShouldBe(["checkpoint.spec", "checkpoint.rows"]);
    }

    [Fact]
    public void Train_WithoutAnArchitecture_RefitsThePickedOneAlone_AsTrainingItWould()
    {
        var told = new List<EpochReport>();
        var spec = Network with { Model = new AutoModelSpec() };
        using var picked = Given.Train(spec, Train, Validation, told.Add, together: All);
        using var alone = Given.Train(spec with { Model = picked.Model }, Train, Validation, together: All);

        picked.ToOnnx().ShouldBe(alone.ToOnnx());
        (picked.Candidates.Count, picked.FirstFitRows).ShouldBe((4, TrainRows));
        told.Where(report => report.IsRefit).ShouldAllBe(report => report.Candidate == null);
        told.Count(report => report.IsRefit).ShouldBe(picked.Epochs - told.Count(report => report is { IsRefit: false, Candidate: null }));
    }

    private static (byte[] Onnx, IReadOnlyList<EpochReport> Reports) Run(string name, TrainingCheckpoint? from, Action<TrainingCheckpoint> save)
    {
        var reports = new List<EpochReport>();
        var checkpointing = new Checkpointing { Save = save, ResumeFrom = from, MinimumInterval = TimeSpan.Zero, Share = 1 };
        using var model = Given.Train(Specs[name], Train, Validation, reports.Add, checkpointing: checkpointing, together: All);
        return (model.ToOnnx(), [.. reports.Select(report => report with { Elapsed = default })]);
    }
}
