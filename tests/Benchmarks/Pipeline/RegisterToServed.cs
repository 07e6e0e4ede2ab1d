using System.Globalization;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Durability;
using Mlops.Testing;

namespace Mlops.Benchmarks.Pipeline;

/// <summary>
/// From the request that registers iris until inference has loaded its model, on six processes, RabbitMQ and PostgreSQL:
/// what of that time no stage was at work, from taking its work to committing its result, nor the model being loaded.
/// </summary>
internal static class RegisterToServed
{
    private const int WarmUpRuns = 3, Runs = 9;
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    public static async Task RunAsync(Figures figures, PostgresServer postgres, RabbitServer rabbit)
    {
        await using var cluster = await ServiceCluster.StartAsync(postgres, rabbit, ServiceCluster.AllServices);
        var (walls, overheads) = (new Latencies(), new Latencies());
        for (var run = 0; run < WarmUpRuns + Runs; run++)
        {
            var (wall, overhead) = await RunAsync(cluster, $"iris-{run}");
            if (run < WarmUpRuns)
                continue;
            walls.Add(wall.TotalMilliseconds);
            overheads.Add(overhead.TotalMilliseconds);
        }
        figures.AtMost("register-to-served-without-compute", overheads.Percentile(0.5), "ms", 500);
        figures.Add("register-to-served-without-compute-slowest", overheads.Percentile(1), "ms");
        figures.Add("register-to-served", walls.Percentile(0.5), "ms");
    }

    private static async Task<(TimeSpan Wall, TimeSpan Overhead)> RunAsync(ServiceCluster cluster, string name)
    {
        // Rows of its own, so that each run stores what the others have not.
        var csv = Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetString(Pipelines.Sample("iris")).TrimEnd()}\n5.1,3.5,1.4,0.{name.Length}{name[^1]},setosa\n"));
        var begun = cluster.Registry.Store.Now();
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], name, csv, """{"task":"classification","target":"class"}""", CancellationToken.None);
        var outcome = await Pipelines.OutcomeAsync(cluster.Registry.Store, run, Longest, CancellationToken.None);
        if (!outcome.Served)
            throw new InvalidOperationException($"{name} is not served: {outcome.Reason}\n{cluster.Output}");
        var (work, deployment) = await cluster.Registry.Store.ReadAsync(async (db, token) => (
            await db.WorkItems.Where(item => item.PipelineRunId == run).ToListAsync(token),
            await db.Deployments.SingleAsync(row => db.ModelVersions.Any(version => version.PipelineRunId == run && version.Id == row.ModelVersionId), token)),
            CancellationToken.None);
        var wall = deployment.CreatedAt - begun;
        return (wall, wall - AtWork(work) - TimeSpan.FromMilliseconds(deployment.LoadMilliseconds));
    }

    /// <summary>How long at least one stage was at work.</summary>
    private static TimeSpan AtWork(IEnumerable<WorkItem> work)
    {
        var (total, until) = (TimeSpan.Zero, DateTimeOffset.MinValue);
        foreach (var item in work.OrderBy(item => item.StartedAt))
        {
            var from = item.StartedAt > until ? item.StartedAt.Value : until;
            if (item.FinishedAt > from)
                (total, until) = (total + (item.FinishedAt.Value - from), item.FinishedAt.Value);
        }
        return total;
    }
}
