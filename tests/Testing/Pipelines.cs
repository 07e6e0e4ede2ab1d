using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Testing;

/// <summary>What an engineer does: registers a sample with a spec, and waits for what comes of it.</summary>
public static class Pipelines
{
    /// <summary>A sample data set that the project copies next to its assembly.</summary>
    public static byte[] Sample(string name) => File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Samples", $"{name}.csv"));

    /// <returns>The run that began.</returns>
    public static async Task<Guid> RegisterAsync(Uri api, string name, byte[] csv, string spec, CancellationToken cancellationToken)
    {
        using var http = new HttpClient { BaseAddress = api };
        using var form = new MultipartFormDataContent
        {
            { new StringContent(spec, MediaTypeHeaderValue.Parse("application/json")), "spec" },
            { new ByteArrayContent(csv), "file", $"{name}.csv" },
        };
        using var response = await http.PostAsync(new Uri($"/datasets/{name}/versions", UriKind.Relative), form, cancellationToken);
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException(await response.Content.ReadAsStringAsync(cancellationToken));
        return (await response.Content.ReadFromJsonAsync<Registered>(cancellationToken))!.PipelineRunId;
    }

    public static async Task<PipelineOutcome> OutcomeAsync(RegistryStore registry, Guid runId, TimeSpan longest, CancellationToken cancellationToken)
    {
        PipelineOutcome? outcome = null;
        await Servers.UntilAsync(async () =>
        {
            outcome = await registry.ReadAsync((db, token) => Outcomes.Of(db).SingleOrDefaultAsync(row => row.PipelineRunId == runId, token), cancellationToken);
            return outcome is not null;
        }, longest, "the pipeline's end");
        return outcome!;
    }

    private sealed record Registered(Guid PipelineRunId);
}
