using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Audit;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Trainer;

/// <summary>A search that replicas of the trainer share, on a real RabbitMQ and a real PostgreSQL. Not beside others whose queues have the same names.</summary>
[Collection(nameof(Broker))]
public sealed class TrialTests(Databases databases, Broker broker)
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Long trials beside some that diverge; then folds.</summary>
    [Fact]
    public async Task Search_OneTrainerOfTwoIsKilled_EndsInOneModelOfTheWinnersSettings()
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, "Datasets", "Trainer", "Trainer", "Governance");
        var store = cluster.Registry.Store;
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "digits", Pipelines.Sample("digits"),
            """
            {"task":"classification","target":"class","model":{"type":"mlp"},"optimizer":{"type":"sgd","momentum":0.99},"training":{"epochs":120,"earlyStopping":null},
             "search":{"method":"grid","space":{"optimizer.learningRate":{"values":[0.003,1000]},"model.dropout":{"values":[0,0.1]}}},
             "crossValidation":{"folds":2},"compression":{"methods":[]}}
            """, Stop);
        Task<List<WorkItem>> WorkAsync() => store.ReadAsync((db, token) => db.WorkItems.Where(item => item.PipelineRunId == run).OrderBy(item => item.CreatedAt).ToListAsync(token), Stop);

        // 1. Both replicas have a trial, and the one that is killed has told how far it is.
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

        // 2. The other one takes it once its lease has run out, goes on from there, and does all that follows.
        await Servers.UntilAsync(async () => (await WorkAsync()) is [.., { Kind: "train-model", State: WorkState.Done }], Longest, "the model's training");
        work = await WorkAsync();
        work.Select(item => (item.Kind, item.State)).ShouldBe(
            [.. Enumerable.Repeat(("train-trial", WorkState.Done), 4), .. Enumerable.Repeat(("train-fold", WorkState.Done), 2), ("train-model", WorkState.Done)]);
        var again = work.Single(item => item.Id == lost!.Id);
        (again.Attempt, again.Failures, again.Worker == lost!.Worker).ShouldBe((2, 1, false));
        cluster.Output.ShouldNotContain("begins anew");

        // 3. Each trial is there once, with each epoch told once, and what cannot be trained is told as well.
        var trials = await TrialsAsync(store, run);
        trials.Select(trial => trial.Number).ShouldBe([1, 2, 3, 4]);
        trials.Select(trial => (trial.Settings["model.dropout"].GetDouble(), trial.Settings["optimizer.learningRate"].GetDouble()))
            .ShouldBe([(0, 0.003), (0, 1000), (0.1, 0.003), (0.1, 1000)]);
        trials.Select(trial => trial.State == TrialState.Failed).ShouldBe([false, true, false, true]);
        trials.Where(trial => trial.State == TrialState.Failed).ShouldAllBe(trial => trial.Reason!.Contains("epoch"));
        (await store.ReadAsync((db, token) => db.MetricPoints.CountAsync(point => point.TrainingRunId == lost.Id && point.Name == "train/loss", token), Stop)).ShouldBe(120);
        var search = PipelineSpec.Parse((await store.ReadAsync((db, token) => db.PipelineRuns.SingleAsync(token), Stop)).Spec, "digits").Search!;
        var winner = TrialWork.WinnerOf(search, trials)!;
        winner.Objective.ShouldBe(trials.Min(trial => trial.Objective));

        // 4. One model came of the winner, and learned as it did.
        var training = await store.ReadAsync((db, token) => db.TrainingRuns.SingleAsync(token), Stop);
        (await store.ReadAsync((db, token) => db.LineageEdges.SingleAsync(edge => edge.Relation == "tuned-by" && edge.ChildKind == FactKind.TrainingRun, token), Stop))
            .ShouldSatisfyAllConditions(edge => edge.ChildId.ShouldBe(training.Id), edge => edge.ParentId.ShouldBe(winner.Id));
        (await LossesAsync(store, training.Id)).ShouldBe(await LossesAsync(store, winner.Id));
        (await store.ReadAsync((db, token) => db.ModelVersions.CountAsync(token), Stop)).ShouldBe(1);
        (await store.ReadAsync((db, token) => db.AuditEntries.Where(entry => entry.Actor == "trainer").GroupBy(entry => entry.Action).Select(group => new { group.Key, Count = group.Count() }).ToListAsync(token), Stop))
            .Select(group => (group.Key, group.Count)).ShouldBe([("trial.ended", 4), ("fold.trained", 2), ("model.trained", 1)], ignoreOrder: true);
        (await store.ReadAsync(AuditChain.VerifyAsync, Stop)).BrokenAt.ShouldBeNull();
    }

    [Fact]
    public async Task Search_ByOneReplicaAndByTwo_ProposesTheSame()
    {
        const string Spec =
            """
            {"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":8},
             "search":{"trials":16,"parallel":4,"seed":3,"space":{"optimizer.learningRate":{"min":0.0001,"max":1,"scale":"log"},"model.dropout":{"min":0,"max":0.5}}},
             "compression":{"methods":[]}}
            """;
        var (one, two) = (await SearchAsync(Spec, "Trainer"), await SearchAsync(Spec, "Trainer", "Trainer"));
        one.Count.ShouldBe(16);
        two.Select(trial => JsonSerializer.Serialize(trial.Settings)).ShouldBe(one.Select(trial => JsonSerializer.Serialize(trial.Settings)));
        two.Select(trial => trial.Objective).ShouldBe(one.Select(trial => trial.Objective));
    }

    [Fact]
    public async Task Enqueue_ARoundTwice_AddsItOnce()
    {
        await using var registry = await databases.CreateAsync("Postgres");
        var run = registry.Store.NewId();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => registry.Store.WriteAsync(async (db, token) =>
        {
            for (var number = 1; number <= 4; number++)
                await registry.Work.EnqueueAsync(db, TrialWork.Kind, run, TrialWork.SubjectOf(run, number), "cpu", token);
        }, Stop)));
        (await registry.Store.ReadAsync((db, token) => db.WorkItems.CountAsync(token), Stop)).ShouldBe(4);
    }

    private async Task<List<Trial>> SearchAsync(string spec, params string[] trainers)
    {
        await using var cluster = await ServiceCluster.StartAsync(databases.Postgres, broker.Rabbit, ["Datasets", .. trainers, "Governance"]);
        var store = cluster.Registry.Store;
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "iris", Pipelines.Sample("iris"), spec, Stop);
        await Servers.UntilAsync(() => store.ReadAsync((db, token) => db.TrainingRuns.AnyAsync(training => training.PipelineRunId == run, token), Stop), Longest, "the model's training");
        return await TrialsAsync(store, run);
    }

    private static Task<List<Trial>> TrialsAsync(RegistryStore store, Guid run) => store.ReadAsync((db, token) => TrialWork.DoneOf(db, run).ToListAsync(token), Stop);

    private static Task<List<double>> LossesAsync(RegistryStore store, Guid training) => store.ReadAsync((db, token) =>
        db.MetricPoints.Where(point => point.TrainingRunId == training && point.Name == "validation/loss").OrderBy(point => point.Step).Select(point => point.Value).ToListAsync(token), Stop);
}
