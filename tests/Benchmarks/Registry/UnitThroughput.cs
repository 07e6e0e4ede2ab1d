using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Audit;
using Mlops.Testing;

namespace Mlops.Benchmarks.Registry;

/// <summary>
/// Units a second through the API of runs from elsewhere, each a training run with its data set, ten metrics and a model
/// version: one call, one durable transaction, two audit entries and two events, which go out to RabbitMQ meanwhile.
/// </summary>
internal static class UnitThroughput
{
    private const int WarmUpUnits = 20_000;
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(Figures figures, ServiceCluster cluster)
    {
        using var http = new HttpClient { BaseAddress = cluster["Governance"] };
        var (dataset, model) = (await RegisterDatasetAsync(cluster), await UploadModelAsync(http));
        Task UnitAsync(int client) => RecordAsync(http, client, dataset, model);

        await Parallel.ForAsync(0, WarmUpUnits, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (index, _) => await UnitAsync(index % 8));
        foreach (var (clients, target) in new[] { (1, 250.0), (8, 700.0) })
        {
            var (units, latencies, elapsed) = await MeasureAsync(clients, UnitAsync);
            figures.AtLeast($"registry-units-{clients}-clients", units / elapsed.TotalSeconds, "units/s", target);
            figures.Add($"registry-unit-p99-{clients}-clients", latencies.Percentile(0.99), "ms");
        }

        // What was fast must also be there, whole.
        var verified = await cluster.Registry.Store.ReadAsync(AuditChain.VerifyAsync, CancellationToken.None);
        var (runs, points, versions) = await cluster.Registry.Store.ReadAsync(async (db, token) =>
            (await db.ExternalRuns.CountAsync(token), await db.MetricPoints.CountAsync(token), await db.ModelVersions.CountAsync(token)), CancellationToken.None);
        if (verified.BrokenAt is not null || points != 10 * runs || versions != runs || verified.Entries != 2 * runs)
            throw new InvalidOperationException($"{runs} runs, {points} points, {versions} versions, {verified.Entries} audit entries, broken at {verified.BrokenAt}");
    }

    private static async Task<(int Units, Latencies Latencies, TimeSpan Elapsed)> MeasureAsync(int clients, Func<int, Task> unit)
    {
        var (latencies, clock) = (new Latencies(), Stopwatch.StartNew());
        await Task.WhenAll(Enumerable.Range(0, clients).Select(async client =>
        {
            while (clock.Elapsed < Duration)
            {
                var begun = Stopwatch.GetTimestamp();
                await unit(client);
                latencies.AddSince(begun);
            }
        }));
        return (latencies.Count, latencies, clock.Elapsed);
    }

    private static async Task<string> RegisterDatasetAsync(ServiceCluster cluster)
    {
        var dataset = SampleFacts.Dataset(cluster.Registry.Store);
        await cluster.Registry.Store.WriteAsync((db, _) => Task.FromResult(db.Add(dataset)), CancellationToken.None);
        return dataset.Digest;
    }

    private static async Task<string> UploadModelAsync(HttpClient http)
    {
        using var file = new ByteArrayContent(SampleModel.Mlp());
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await http.PostAsync(new Uri("/model-files", UriKind.Relative), file);
        return (await response.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<Uploaded>())!.Digest;
    }

    private static async Task RecordAsync(HttpClient http, int client, string dataset, string model)
    {
        using var response = await http.PostAsJsonAsync(new Uri("/external-runs", UriKind.Relative), new
        {
            name = $"team-{client}",
            source = "benchmark",
            actor = "benchmark",
            datasetDigest = dataset,
            parameters = new { learningRate = 0.01, epochs = 100, optimizer = "adam" },
            metrics = Enumerable.Range(1, 10).Select(step => new { name = "validation/loss", step, value = 1.0 / step }),
            model = new { digest = model, task = "regression" },
        });
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync());
    }

    private sealed record Uploaded(string Digest);
}
