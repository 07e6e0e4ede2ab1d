using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Trainer;

/// <summary>What a trainer leaves of a training in a real PostgreSQL.</summary>
[Collection(nameof(Broker))]
public sealed class TrainingFactsTests(Databases databases, Broker broker)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Training_WithoutAnArchitecture_KeepsWhatWasPickedFromWhatOnWhat_AndEachCandidatesCurve()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer");
        var store = cluster.Registry.Store;
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "iris", Pipelines.Sample("iris"), """{"task":"classification","target":"class","training":{"epochs":30,"earlyStopping":null}}""", Stop);
        await Servers.UntilAsync(
            () => store.ReadAsync((db, token) => db.WorkItems.AnyAsync(item => item.PipelineRunId == run && item.State == WorkState.Done, token), Stop), Longest, "the model's training");

        var training = await store.ReadAsync((db, token) => db.TrainingRuns.SingleAsync(token), Stop);
        var details = training.Details.ShouldNotBeNull();
        details.Candidates.Select(candidate => candidate.Model.Type).ShouldBe(["linear", "boosted-trees", "mlp", "residual-mlp"]);
        details.Model.Type.ShouldBe(details.Candidates.MinBy(candidate => candidate.ValidationLoss)!.Model.Type);
        (details.Epochs, details.TrainRows, details.Environment.Threads).ShouldBe((training.Epochs, 105, 1));
        details.RowsPerSecond.ShouldBe(105 * training.Epochs / details.Seconds);
        details.Environment.Packages.Keys.ShouldContain("libtorch");

        // 1. The kept model's own curves, and those of all that were tried.
        var series = await store.ReadAsync((db, token) => db.MetricPoints.Where(point => point.TrainingRunId == training.Id).GroupBy(point => point.Name).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, token), Stop);
        series["train/learning-rate"].ShouldBe(training.Epochs);
        series["candidates/1/validation/loss"].ShouldBe(30);
        series["candidates/4/train/loss"].ShouldBe(30);

        // 2. The audit log has it, so that a changed fact can be told.
        var entry = await store.ReadAsync((db, token) => db.AuditEntries.SingleAsync(entry => entry.Action == "model.trained", token), Stop);
        entry.Data.ShouldContain("\"candidates\":[{\"model\":{\"type\":\"linear\"");

        // 3. The work has told how far it was.
        var progress = (await store.ReadAsync((db, token) => db.WorkItems.SingleAsync(item => item.PipelineRunId == run, token), Stop)).Progress.ShouldNotBeNull();
        (progress.Epoch, progress.MostEpochs, progress.SecondsLeft).ShouldBe((training.Epochs, training.Epochs, 0));
        progress.RowsPerSecond.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Training_ThatIsRefitted_LearnsFromValidationRowsToo_AndTellsTheCurvesOfBothFits()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer");
        var store = cluster.Registry.Store;
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "iris", Pipelines.Sample("iris"), """{"task":"classification","target":"class","model":{"type":"linear"},"training":{"epochs":30,"earlyStopping":{"patience":3}}}""", Stop);
        await Servers.UntilAsync(
            () => store.ReadAsync((db, token) => db.WorkItems.AnyAsync(item => item.PipelineRunId == run && item.State == WorkState.Done, token), Stop), Longest, "the model's training");

        var training = await store.ReadAsync((db, token) => db.TrainingRuns.SingleAsync(token), Stop);
        var details = training.Details.ShouldNotBeNull();
        (details.FirstFitRows, details.TrainRows).ShouldBe((105, 128));
        var series = await store.ReadAsync((db, token) => db.MetricPoints.Where(point => point.TrainingRunId == training.Id).GroupBy(point => point.Name).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(group => group.Key, group => group.Count, token), Stop);
        series["train/loss"].ShouldBe(training.Epochs - (2 * training.BestEpoch));
        series["refit/train/loss"].ShouldBe(2 * training.BestEpoch);
        series.ShouldNotContainKey("refit/validation/loss");
    }

    [Fact]
    public async Task Fold_ThatIsRefitted_TellsAllRowsThatItLearnedFrom()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer");
        var store = cluster.Registry.Store;
        await Pipelines.RegisterAsync(cluster["Datasets"], "iris", Pipelines.Sample("iris"), """{"task":"classification","target":"class","model":{"type":"linear"},"training":{"epochs":30,"earlyStopping":{"patience":3}},"crossValidation":{"folds":3}}""", Stop);
        await Servers.UntilAsync(() => store.ReadAsync((db, token) => db.Folds.AnyAsync(token), Stop), Longest, "a fold's training");

        // 105 training rows, of which a third is held out, and all 23 validation rows.
        var fold = await store.ReadAsync((db, token) => db.Folds.FirstAsync(token), Stop);
        (fold.HeldOutRows, fold.TrainRows, fold.Details!.FirstFitRows).ShouldBe((35, 93, 70));
    }
}
