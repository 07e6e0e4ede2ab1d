using System.Net.Http.Headers;
using Mlops.Client;
using Mlops.Registry;
using Spectre.Console;

namespace Mlops.Standalone.Demo;

/// <summary>One pipeline of the demo.</summary>
/// <param name="Sample">The data and the spec.</param>
/// <param name="RunId">The run that the registration began.</param>
internal sealed record DemoPipeline(DemoSample Sample, Guid RunId);

/// <summary>
/// The demo, from outside in: data sets go in through the HTTP API, progress and results are read from the registry,
/// predictions come over gRPC.
/// </summary>
internal static class DemoRun
{
    /// <returns>Whether every pipeline ended in a served model.</returns>
    public static async Task<bool> RunAsync(StandaloneHost host, SeedRange? seeds, CancellationToken cancellationToken)
    {
        // A pipe or a file has no width of its own.
        if (Console.IsOutputRedirected)
            AnsiConsole.Profile.Width = 160;
        var registry = host.Services.GetRequiredService<RegistryStore>();
        var samples = DemoSample.All();
        if (seeds is not null)
            samples = [.. samples.SelectMany(sample => seeds.All.Select(sample.WithSeed))];

        // 1. Register, and wait while a person watches.
        var pipelines = await RegisterAsync(host.Http, samples, cancellationToken);
        await ProgressView.FollowAsync(registry, pipelines, cancellationToken);
        var results = await DemoResult.ReadAsync(registry, pipelines, cancellationToken);

        // 2. What came out.
        ResultTable.Print(results);
        if (seeds is not null)
            SeedMeans.Print(results);
        else
            await ShowServingAsync(host.Grpc, registry, results, cancellationToken);

        var served = results.Count(result => result.Served is not null);
        Console.WriteLine($"demo: {results.Count} pipelines, {served} served, {results.Count - served} failed");
        return served == results.Count;
    }

    private static async Task<List<DemoPipeline>> RegisterAsync(Uri api, IReadOnlyList<DemoSample> samples, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = api };
        var pipelines = new List<DemoPipeline>();
        foreach (var sample in samples)
        {
            using var form = new MultipartFormDataContent
            {
                { new StringContent(sample.Spec, MediaTypeHeaderValue.Parse("application/json")), "spec" },
                { new ByteArrayContent(sample.Csv) { Headers = { ContentType = new("text/csv") } }, "file", $"{sample.Name}.csv" },
            };
            using var response = await http.PostAsync(new Uri($"/datasets/{sample.Name}/versions", UriKind.Relative), form, cancellationToken);
            if (!response.IsSuccessStatusCode)
                throw new InvalidOperationException($"{sample.Name} was not accepted: {await response.Content.ReadAsStringAsync(cancellationToken)}");
            var registered = await response.Content.ReadFromJsonAsync<RegisteredRun>(cancellationToken);
            pipelines.Add(new DemoPipeline(sample, registered!.PipelineRunId));
        }
        return pipelines;
    }

    private static async Task ShowServingAsync(Uri inference, RegistryStore registry, IReadOnlyList<DemoResult> results, CancellationToken cancellationToken)
    {
        using var client = new InferenceClient(inference);
        AnsiConsole.MarkupLine("\n[bold]Predictions over gRPC[/], each for a raw row of the file");
        var predictions = new List<Prediction>();
        foreach (var result in results.Where(result => result.Served is not null))
            predictions.Add(await SamplePrediction.PrintAsync(client, result, cancellationToken));
        if (predictions.FirstOrDefault() is { } first)
            await LineageTree.PrintAsync(registry, first, results.Single(result => result.Run.Name == first.ModelName).Sample, cancellationToken);
    }

    private sealed record RegisteredRun(Guid PipelineRunId);
}
