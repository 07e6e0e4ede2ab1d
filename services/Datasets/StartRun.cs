using Mlops.Artifacts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Runs;

namespace Mlops.Datasets;

/// <summary>What the start of a run gave.</summary>
/// <param name="PipelineRunId">The run.</param>
public sealed record RunStartedResponse(Guid PipelineRunId);

/// <summary>Begins a run of a spec on a data set version that exists.</summary>
internal sealed class StartRun(RegistryStore registry, IArtifactStore artifacts)
{
    private const int MaxSpecBytes = 1 << 20;

    public static void Map(RouteGroupBuilder datasets) =>
        datasets.MapPost("/{name}/versions/{version:int}/runs", async (string name, int version, HttpRequest request, StartRun feature, CancellationToken cancellationToken) =>
            {
                var started = await feature.StartAsync(name, version, request, cancellationToken);
                return TypedResults.Accepted($"/runs/{started.PipelineRunId}", started);
            })
            .WithName("StartRun")
            .WithSummary("Train and serve a model of a registered data set version")
            .WithMetadata(new Microsoft.AspNetCore.Mvc.RequestSizeLimitAttribute(MaxSpecBytes))
            .Accepts<PipelineSpec>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound);

    private async Task<RunStartedResponse> StartAsync(string name, int number, HttpRequest request, CancellationToken cancellationToken)
    {
        var version = await ListDatasets.FindAsync(registry, name, number, cancellationToken);
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body, cancellationToken);
        var spec = PipelineSpec.Parse(body.GetBuffer().AsMemory(0, (int)body.Length), name);
        var split = PipelineStart.Check(spec, await DatasetReader.ReadAsync(artifacts, version, spec, cancellationToken));
        var splitDigest = (await artifacts.PutAsync(split.ToBytes(), cancellationToken)).Digest;
        var runId = registry.NewId();
        await registry.WriteAsync((db, _) =>
        {
            var run = PipelineStart.Add(db, registry, runId, spec, version, splitDigest);
            db.Publish(new TrainingRequested
            {
                EventId = registry.NewId(),
                OccurredAt = run.CreatedAt,
                PipelineRunId = run.Id,
                DatasetVersionId = version.Id,
                SpecDigest = run.SpecDigest,
            });
            return Task.CompletedTask;
        }, cancellationToken);
        return new RunStartedResponse(runId);
    }
}
