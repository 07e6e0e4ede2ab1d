using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Testing;

namespace Mlops.Benchmarks.Pipeline;

/// <summary>
/// A cross-validation on two replicas of the trainer and on one, in turn, each with one training at a time on one thread: from
/// the moment that the first fold is taken until the last is committed.
/// </summary>
internal static class FoldsTopic
{
    private const int WarmUpRounds = 1, Rounds = 5, Folds = 6;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    private static readonly string Spec =
        $$$"""{"task":"classification","target":"class","model":{"type":"mlp","hidden":[256,128]},"training":{"epochs":100,"earlyStopping":null},"crossValidation":{"folds":{{{Folds}}}}}""";

    public static async Task RunAsync(Figures figures)
    {
        // For the processes that are started here.
        Environment.SetEnvironmentVariable("Trainer__Concurrency", "1");
        await using var postgres = await PostgresServer.StartAsync();
        await using var rabbit = await RabbitServer.StartAsync();
        await using var one = await ServiceCluster.StartAsync(postgres, rabbit, "Datasets", "Trainer");
        await using var otherRabbit = await RabbitServer.StartAsync();
        await using var two = await ServiceCluster.StartAsync(postgres, otherRabbit, "Datasets", "Trainer", "Trainer");
        var (alone, shared) = (new Latencies(), new Latencies());
        for (var round = 0; round < WarmUpRounds + Rounds; round++)
        {
            var (ofOne, ofTwo) = (await RunAsync(one, round), await RunAsync(two, round));
            if (round < WarmUpRounds)
                continue;
            alone.Add(ofOne.TotalMilliseconds);
            shared.Add(ofTwo.TotalMilliseconds);
        }
        figures.Add("folds-one-replica", alone.Percentile(0.5), "ms");
        figures.AtLeast("folds-two-replicas", alone.Percentile(0.5) / shared.Percentile(0.5), "x", 1.7);
    }

    private static async Task<TimeSpan> RunAsync(ServiceCluster cluster, int round)
    {
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], $"digits-{round}", Pipelines.Sample("digits"), Spec, CancellationToken.None);
        // Whole: the model's training after the folds must not run into the next round.
        await Servers.UntilAsync(() => cluster.Registry.Store.ReadAsync(
            (db, token) => db.TrainingRuns.AnyAsync(training => training.PipelineRunId == run, token), CancellationToken.None), Longest, "the model's training");
        var folds = await cluster.Registry.Store.ReadAsync(
            (db, token) => db.WorkItems.Where(item => item.PipelineRunId == run && item.Kind == FoldWork.Kind).ToListAsync(token), CancellationToken.None);
        return folds.Max(item => item.FinishedAt!.Value) - folds.Min(item => item.StartedAt!.Value);
    }
}
