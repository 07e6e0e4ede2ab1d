using System.Diagnostics;
using Microsoft.EntityFrameworkCore;
using Mlops.Testing;

namespace Mlops.Benchmarks.Registry;

/// <summary>How long a worker waits for a piece of work when many are queued and many workers take them.</summary>
internal static class ClaimLatency
{
    private const int Queued = 100_000, Workers = 16, WarmUpClaims = 200, Claims = 5_000;

    public static async Task RunAsync(Figures figures, TestRegistry registry)
    {
        await registry.Store.WriteAsync((db, token) => db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO work_items (id, kind, pipeline_run_id, subject_id, requirement, state, attempt, failures, due_at, created_at)
            SELECT gen_random_uuid(), 'train-model', gen_random_uuid(), gen_random_uuid(), 'cpu', 'Queued', 0, 0, now() - make_interval(secs => n / 1000.0), now()
            FROM generate_series(1, {Queued}) n
            """, token), CancellationToken.None);
        await registry.Store.ReadAsync((db, token) => db.Database.ExecuteSqlRawAsync("ANALYZE work_items", token), CancellationToken.None);

        await ClaimAsync(registry, new Latencies(), WarmUpClaims);
        var (latencies, clock) = (new Latencies(), Stopwatch.StartNew());
        await ClaimAsync(registry, latencies, Claims);
        figures.AtMost("work-claim-p99", latencies.Percentile(0.99), "ms", 10);
        figures.Add("work-claim-p50", latencies.Percentile(0.5), "ms");
        figures.Add("work-claims", Claims / clock.Elapsed.TotalSeconds, "claims/s");
    }

    private static async Task ClaimAsync(TestRegistry registry, Latencies latencies, int claims) =>
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(async worker =>
        {
            for (var claim = 0; claim < claims / Workers; claim++)
            {
                var begun = Stopwatch.GetTimestamp();
                if (await registry.Work.ClaimAsync("train-model", ["cpu"], $"worker-{worker}", CancellationToken.None) is null)
                    throw new InvalidOperationException("the queue is empty");
                latencies.AddSince(begun);
            }
        }));
}
