using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Audit;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Trainer;

/// <summary>A cross-validation that two replicas of the trainer share, on a real RabbitMQ and a real PostgreSQL. Not beside others whose queues have the same names.</summary>
[Collection(nameof(Broker))]
public sealed class FoldTests(Databases databases, Broker broker)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Folds_OneTrainerOfTwoIsKilled_AreAllTrainedOnceAndOneModelFollows()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer", "Trainer", "Governance");
        var store = cluster.Registry.Store;
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "digits", Pipelines.Sample("digits"),
            """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":150,"earlyStopping":null},"crossValidation":{"folds":4},"compression":{"methods":[]}}""", Stop);
        Task<List<WorkItem>> WorkAsync() => store.ReadAsync((db, token) => db.WorkItems.Where(item => item.PipelineRunId == run).OrderBy(item => item.CreatedAt).ToListAsync(token), Stop);

        // 1. Both replicas have a fold, and the one that is killed has told how far it is.
        var victim = cluster.ReplicasOf("Trainer")[0];
        List<WorkItem> work = [];
        WorkItem? lost = null;
        await Servers.UntilAsync(async () =>
        {
            work = await WorkAsync();
            lost = work.Find(item => item is { State: WorkState.Leased, Checkpoint: not null } && item.Worker!.EndsWith($"-{victim.Id}", StringComparison.Ordinal));
            return lost is not null && work.Where(item => item.State != WorkState.Queued).Select(item => item.Worker).Distinct().Count() == 2;
        }, Longest, "two replicas at work");
        await victim.KillAsync();

        // 2. The other one takes it once its lease has run out, goes on from there, and trains the model when all folds are in.
        await Servers.UntilAsync(async () => (await WorkAsync()) is [.., { Kind: "train-model", State: WorkState.Done }], Longest, "the model's training");
        work = await WorkAsync();
        work.Select(item => (item.Kind, item.State)).ShouldBe([.. Enumerable.Repeat(("train-fold", WorkState.Done), 4), ("train-model", WorkState.Done)]);
        var again = work.Single(item => item.Id == lost!.Id);
        (again.Attempt, again.Failures, again.Worker == lost!.Worker).ShouldBe((2, 1, false));
        cluster.Output.ShouldNotContain("begins anew");
        work.Where(item => item.Kind == "train-fold").ShouldAllBe(item => item.Attempt == (item.Id == lost.Id ? 2 : 1));

        // 3. Each fold is there once, with each epoch told once; one model came of them.
        var folds = await store.ReadAsync((db, token) => db.Folds.Where(fold => fold.PipelineRunId == run).OrderBy(fold => fold.Number).ToListAsync(token), Stop);
        folds.Select(fold => (fold.Repeat, fold.Number)).ShouldBe([(1, 1), (1, 2), (1, 3), (1, 4)]);
        folds.ShouldAllBe(fold => fold.Metrics["accuracy"] > 0.9);
        (await store.ReadAsync((db, token) => db.MetricPoints.CountAsync(point => point.TrainingRunId == lost.Id && point.Name == "train/loss", token), Stop)).ShouldBe(150);
        (await store.ReadAsync((db, token) => db.TrainingRuns.CountAsync(token), Stop)).ShouldBe(1);
        (await store.ReadAsync((db, token) => db.ModelVersions.CountAsync(token), Stop)).ShouldBe(1);
        (await store.ReadAsync((db, token) => db.AuditEntries.Where(entry => entry.Actor == "trainer").GroupBy(entry => entry.Action).Select(group => new { group.Key, Count = group.Count() }).ToListAsync(token), Stop))
            .Select(group => (group.Key, group.Count)).ShouldBe([("fold.trained", 4), ("model.trained", 1)], ignoreOrder: true);
        (await store.ReadAsync(AuditChain.VerifyAsync, Stop)).BrokenAt.ShouldBeNull();
    }

    [Fact]
    public async Task Enqueue_TheModelsTrainingTwice_AddsItOnce()
    {
        await using var registry = await databases.CreateAsync("Postgres");
        var run = registry.Store.NewId();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => registry.Store.WriteAsync((db, token) => registry.Work.EnqueueAsync(db, "train-model", run, run, "cpu", token), Stop)));
        (await registry.Store.ReadAsync((db, token) => db.WorkItems.CountAsync(token), Stop)).ShouldBe(1);
    }
}
