using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Runs;
using Mlops.Tabular;

namespace Mlops.Datasets;

/// <summary>What the start of a run gave.</summary>
/// <param name="PipelineRunId">The run.</param>
public sealed record RunStartedResponse(Guid PipelineRunId);

/// <summary>Begins a run of a spec on a data set version that exists.</summary>
internal sealed class StartRun(RegistryStore registry, IArtifactStore artifacts)
{
    /// <summary>Lets the routing pass every type on to us, because its own refusal does not say what is accepted.</summary>
    public const string AnyType = "*/*";

    public static void Map(RouteGroupBuilder datasets) =>
        datasets.MapPost("/{name}/versions/{version:int}/runs", async (
                string name, int version, HttpRequest request, StartRun feature,
                [Description("A model that exists, which is evaluated instead of one that is trained; goes with modelVersion.")] string? model,
                [Description("The number of its version: an original that was not evaluated yet.")] string? modelVersion,
                CancellationToken cancellationToken) =>
            {
                var started = await feature.StartAsync(name, version, request, model, modelVersion, cancellationToken);
                return TypedResults.Accepted($"/runs/{started.PipelineRunId}", started);
            })
            .WithName("StartRun")
            .WithSummary("Train and serve a model of a registered data set version, or evaluate and serve one that exists")
            .Accepts<PipelineSpec>("application/json", AnyType)
            // The server's own bound breaks the connection off; ours are answered.
            .WithMetadata(new DisableRequestSizeLimitAttribute())
            .ProducesProblem(StatusCodes.Status400BadRequest)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status413PayloadTooLarge);

    private async Task<RunStartedResponse> StartAsync(string name, int number, HttpRequest request, string? model, string? modelVersion, CancellationToken cancellationToken)
    {
        var version = await ListDatasets.FindAsync(registry, name, number, cancellationToken);
        var given = model is null && modelVersion is null ? null : await GivenModel.FindAsync(registry, model, modelVersion, cancellationToken);
        if (!request.HasJsonContentType())
            throw Fault.Invalid("Content-Type", $"{(request.ContentType is { } type ? $"'{type}' is not accepted" : "missing")}; the spec as application/json is");
        var spec = await SpecBody.ReadAsync(request.Body, given?.Name ?? name, cancellationToken);
        var table = await DatasetReader.ReadAsync(artifacts, version, spec, cancellationToken);
        var split = PipelineStart.Check(spec, table);
        if (given is not null)
            ModelAgainstTable.Check(given.Signature, spec, table);
        // From here on it is finished even if the caller hangs up, so that nothing is stored that nobody knows.
        var splitDigest = (await artifacts.PutAsync(split.ToBytes(), CancellationToken.None)).Digest;
        var runId = registry.NewId();
        await registry.WriteAsync(async (db, token) =>
        {
            var run = PipelineStart.Add(db, registry, runId, spec, version, splitDigest);
            if (given is not null)
                await GivenModel.TakeAsync(db, run, given, token);
            db.Publish(given is null ? Training(run) : Evaluation(run, given));
        }, CancellationToken.None);
        return new RunStartedResponse(runId);
    }

    private TrainingRequested Training(PipelineRun run) => new()
    {
        EventId = registry.NewId(),
        OccurredAt = run.CreatedAt,
        PipelineRunId = run.Id,
        DatasetVersionId = run.DatasetVersionId,
        SpecDigest = run.SpecDigest,
    };

    private EvaluationRequested Evaluation(PipelineRun run, ModelVersion model) => new()
    {
        EventId = registry.NewId(),
        OccurredAt = run.CreatedAt,
        PipelineRunId = run.Id,
        DatasetVersionId = run.DatasetVersionId,
        SpecDigest = run.SpecDigest,
        ModelVersionId = model.Id,
    };
}
