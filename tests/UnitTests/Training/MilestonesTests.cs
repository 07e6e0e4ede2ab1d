using Mlops.Contracts.Spec;
using Mlops.Training;
using Mlops.Training.Checkpoints;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>A training that is asked about on its way, and may be ended there.</summary>
[Collection(TrainingCollection.Name)]
public sealed class MilestonesTests
{
    private static readonly PipelineSpec Network = Given.Classification("species") with
    {
        Model = new MlpSpec { Hidden = [8] },
        Training = new TrainingSpec { Epochs = 20, BatchSize = 32, EarlyStopping = null, Device = Device.Cpu },
    };

    private static readonly Dictionary<string, PipelineSpec> Specs = new()
    {
        ["network"] = Network,
        ["network with early stopping"] = Network with { Training = Network.Training with { EarlyStopping = new EarlyStoppingSpec { Patience = 19 } } },
        ["boosted trees"] = Network with { Model = new BoostedTreesSpec { Trees = 20, MinRowsInLeaf = 2 } },
        ["boosted trees with early stopping"] = Network with { Model = new BoostedTreesSpec { Trees = 20, MinRowsInLeaf = 2 }, Training = Network.Training with { EarlyStopping = new EarlyStoppingSpec { Patience = 19 } } },
    };

    public static TheoryData<string> Names => [.. Specs.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Milestones_ThatGoOn_ChangeNothingAndAreToldWhatWouldBeKept(string name)
    {
        var told = new List<(int Epoch, EpochReport Kept)>();
        var (whole, reports) = Train(Specs[name], milestones: null);
        var (asked, _) = Train(Specs[name], new Milestones { Epochs = [2, 6, 20], GoesOn = (epoch, kept) => { told.Add((epoch, kept)); return true; } });
        asked.ToOnnx().ShouldBe(whole.ToOnnx());
        told.Select(one => one.Epoch).ShouldBe([2, 6]);
        foreach (var (epoch, kept) in told)
        {
            var best = Specs[name].Training.EarlyStopping is null ? reports[epoch - 1] : reports.Take(epoch).MinBy(report => report.ValidationLoss)!;
            (kept.Epoch, kept.ValidationLoss).ShouldBe((best.Epoch, best.ValidationLoss));
        }
        whole.Dispose();
        asked.Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Milestone_ThatDoesNotGoOn_EndsThereWithTheWeightsOfThen(string name)
    {
        var (stopped, reports) = Train(Specs[name], new Milestones { Epochs = [3, 9], GoesOn = (epoch, _) => epoch < 9 });
        (stopped.Epochs, reports.Count).ShouldBe((9, 9));
        var best = Specs[name].Training.EarlyStopping is null ? reports[8] : reports.MinBy(report => report.ValidationLoss)!;
        stopped.Kept.Epoch.ShouldBe(best.Epoch);
        stopped.ToOnnx().Length.ShouldBePositive();
        stopped.Dispose();
    }

    /// <summary>A checkpoint behind a milestone does not ask about it again, one before it does.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Milestone_OfAResumedTraining_IsAskedAboutOnceItIsReached(string name)
    {
        var checkpoints = new List<TrainingCheckpoint>();
        var (whole, _) = Train(Specs[name], milestones: null, new Checkpointing { Save = checkpoints.Add, MinimumInterval = TimeSpan.Zero, Share = 1 });
        foreach (var (from, expected) in new[] { (4, new[] { 5, 10 }), (5, [10]), (7, [10]) })
        {
            var told = new List<int>();
            var milestones = new Milestones { Epochs = [5, 10], GoesOn = (epoch, _) => { told.Add(epoch); return true; } };
            var (resumed, _) = Train(Specs[name], milestones, new Checkpointing { Save = _ => { }, ResumeFrom = checkpoints.Single(checkpoint => checkpoint.Epoch == from) });
            told.ShouldBe(expected);
            resumed.ToOnnx().ShouldBe(whole.ToOnnx());
            resumed.Dispose();
        }
        whole.Dispose();
    }

    [Fact]
    public void Milestone_WhoseAnswerFails_EndsTheTrainingWithThat() =>
        Should.Throw<InvalidOperationException>(() => Train(Network, new Milestones { Epochs = [2], GoesOn = (_, _) => throw new InvalidOperationException("away") })).Message.ShouldBe("away");

    private static (TrainedModel Model, List<EpochReport> Reports) Train(PipelineSpec spec, Milestones? milestones, Checkpointing? checkpointing = null)
    {
        var reports = new List<EpochReport>();
        var input = new TrainingInput { Spec = spec, Train = Given.Mixed(120, 1), Validation = Given.Mixed(40, 9), Milestones = milestones, Checkpointing = checkpointing };
        return (new ModelTrainer(TimeProvider.System).Train(input, new Sink(reports)), reports);
    }

    private sealed class Sink(List<EpochReport> reports) : IProgress<EpochReport>
    {
        public void Report(EpochReport value) => reports.Add(value);
    }
}
