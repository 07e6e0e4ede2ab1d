using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Governance.ExternalRuns;

/// <summary>A training that was done outside the platform. Metrics and model may come with it or later.</summary>
/// <param name="Id">The caller's own choice of a UUID, with which it may send the same again after a lost answer; made here where it is left out.</param>
/// <param name="Name">Name of the model that it makes.</param>
/// <param name="Source">What trained, such as <c>scikit-learn 1.2.1</c>: 1 to 200 characters.</param>
/// <param name="Actor">Who records it: 1 to 128 characters.</param>
/// <param name="StartedAt">When it began; now unless given.</param>
/// <param name="Parameters">Hyper-parameters by name: a JSON object of up to 65536 characters.</param>
/// <param name="DatasetDigest">SHA-256 of the data set, 64 hexadecimal digits; one that is registered here stands in the lineage.</param>
/// <param name="Metrics">Up to 1000 points.</param>
/// <param name="Model">Its model.</param>
public sealed record ExternalRunRequest(
    Guid? Id, string? Name, string? Source, string? Actor, DateTimeOffset? StartedAt, JsonElement? Parameters, string? DatasetDigest,
    IReadOnlyList<ExternalMetric?>? Metrics, ExternalModelRequest? Model);

/// <summary>A run elsewhere that is recorded.</summary>
/// <param name="Id">Its id.</param>
/// <param name="DatasetVersionId">The registered data set version of that digest; absent where there is none.</param>
/// <param name="Model">Its model version; absent where none came with it.</param>
public sealed record ExternalRunResponse(Guid Id, Guid? DatasetVersionId, ExternalModelResponse? Model);

/// <summary>
/// Records a training that was done elsewhere, so that a team can move over piece by piece: fact, lineage, audit entry and
/// event in one transaction, together with what came with it.
/// </summary>
internal static class RecordExternalRun
{
    private const int MaxSource = 200;
    private const int MaxParameters = 1 << 16;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/external-runs", HandleAsync)
            .WithName(nameof(RecordExternalRun)).WithTags("Runs from elsewhere").WithSummary("Records a training that was done elsewhere, with its metrics and model or without")
            .Accepts<ExternalRunRequest>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<Results<Created<ExternalRunResponse>, Ok<ExternalRunResponse>>> HandleAsync(
        RegistryStore registry, StoredModels models, HttpRequest body, CancellationToken cancellationToken)
    {
        var request = await JsonBody.ReadAsync<ExternalRunRequest>(
            body, """a JSON object such as {"name": "…", "source": "…", "actor": "…", "datasetDigest": "…", "parameters": {}}""", cancellationToken)
            ?? throw Fault.Invalid("", "null is not accepted; a JSON object is");
        var (run, points) = Require(request, registry);
        var model = request.Model is null ? null : await ExternalModel.ReadAsync(models, "model", request.Model, cancellationToken);
        var actor = request.Actor!.Trim();
        var (response, isNew) = await registry.WriteAsync(async (db, token) =>
        {
            var kept = request.Id is null ? null : await KeptAsync(db, run, request.StartedAt is not null, token);
            var current = kept ?? await AddAsync(db, registry, run, points, actor, token);
            if (kept is not null && points.Count > 0 && await ExternalMetrics.AddAsync(db, run.Id, points, token) is { Count: > 0 } added)
                db.Audit(actor, "external-run.metrics-added", run.Id, new { Metrics = ExternalMetrics.Audited(added) });
            var version = model is null ? null
                : kept is null ? await model.AddFirstAsync(db, registry, current, actor, token)
                : (await model.AddAsync(db, registry, current, actor, token)).Version;
            return (new ExternalRunResponse(current.Id, current.DatasetVersionId, version), kept is null);
        }, cancellationToken);
        return isNew ? TypedResults.Created($"/external-runs/{response.Id}", response) : TypedResults.Ok(response);
    }

    private static (ExternalRun Run, IReadOnlyList<MetricPoint> Points) Require(ExternalRunRequest request, RegistryStore registry)
    {
        var (problems, id, now) = (new List<Problem>(), request.Id ?? registry.NewId(), registry.Now());
        if (!ResourceName.IsValid(request.Name ?? ""))
            problems.Add(new Problem("name", $"'{RequestValues.Shorten(request.Name ?? "")}' is not a name; accepted: {ResourceName.Rule}"));
        PlainText.Check("source", request.Source?.Trim(), MaxSource, "what trained, such as scikit-learn 1.2.1", problems);
        PlainText.Check("actor", request.Actor?.Trim(), Decision.MaxActor, "who records this", problems);
        if (!ContentDigest.TryParse(request.DatasetDigest, out _))
            problems.Add(new Problem("datasetDigest", $"'{RequestValues.Shorten(request.DatasetDigest ?? "")}' {ContentDigest.Refusal}"));
        var parameters = request.Parameters is { ValueKind: not JsonValueKind.Null } given ? JsonSerializer.Serialize(given, SpecJson.Canonical) : "{}";
        if (!parameters.StartsWith('{'))
            problems.Add(new Problem("parameters", "a JSON object of hyper-parameters by name is accepted"));
        else if (parameters.Length > MaxParameters)
            problems.Add(new Problem("parameters", $"{parameters.Length} characters are not accepted; up to {MaxParameters} are"));
        var startedAt = RegistryStore.Storable(request.StartedAt ?? now);
        if (startedAt > now)
            problems.Add(new Problem("startedAt", $"{startedAt:O} is in the future; a time in the past is accepted"));
        var points = ExternalMetrics.Check("metrics", request.Metrics, id, problems);
        if (request.Model is { } model)
            ExternalModel.Check("model", model, problems);
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
        return (new ExternalRun
        {
            Id = id,
            Name = request.Name!,
            Source = request.Source!.Trim(),
            Parameters = parameters,
            DatasetDigest = request.DatasetDigest!,
            StartedAt = startedAt,
            CreatedAt = now,
        }, points);
    }

    /// <summary>The run of that id, if it was recorded before: what it is must be the same.</summary>
    private static async Task<ExternalRun?> KeptAsync(RegistryDbContext db, ExternalRun run, bool saysWhenItBegan, CancellationToken cancellationToken)
    {
        await db.HoldAsync(FactKind.ExternalRun, run.Id, cancellationToken);
        if (await db.ExternalRuns.AsNoTracking().SingleOrDefaultAsync(row => row.Id == run.Id, cancellationToken) is not { } kept)
            return null;
        var same = (kept.Name, kept.Source, kept.Parameters, kept.DatasetDigest) == (run.Name, run.Source, run.Parameters, run.DatasetDigest)
            && (!saysWhenItBegan || kept.StartedAt == run.StartedAt);
        return same ? kept : throw new Fault(FaultKind.Conflict, "id", $"run {run.Id} is recorded already with another name, source, parameters, data set or time; the same again, or another id, is accepted");
    }

    private static async Task<ExternalRun> AddAsync(
        RegistryDbContext db, RegistryStore registry, ExternalRun recorded, IReadOnlyList<MetricPoint> points, string actor, CancellationToken cancellationToken)
    {
        var dataset = await FindExternalRun.DatasetAsync(db, recorded.DatasetDigest!, cancellationToken);
        var run = recorded with { DatasetVersionId = dataset };
        db.Insert(run);
        db.Insert(points);
        if (dataset is { } datasetId)
            db.Link(FactKind.ExternalRun, run.Id, "trained-on", FactKind.DatasetVersion, datasetId);
        db.Audit(actor, "external-run.recorded", run.Id, new
        {
            run.Name,
            run.Source,
            ParametersDigest = $"{ContentDigest.Of(Encoding.UTF8.GetBytes(run.Parameters))}",
            run.DatasetDigest,
            run.StartedAt,
            Metrics = ExternalMetrics.Audited(points),
        });
        db.Publish(new ExternalRunRecorded
        {
            EventId = registry.NewId(),
            OccurredAt = run.CreatedAt,
            ExternalRunId = run.Id,
            Name = run.Name,
            Source = run.Source,
            DatasetDigest = run.DatasetDigest!,
            DatasetVersionId = run.DatasetVersionId,
        });
        return run;
    }
}
