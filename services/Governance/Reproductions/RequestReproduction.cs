using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Reproductions;

/// <summary>Has a training done again, and a compression after it, to prove that they give the model that was stored: asked for by its run, or by a model version.</summary>
internal static class RequestReproduction
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/runs/{id}/reproductions", async (RegistryStore registry, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var (runId, decision) = (RequestValues.Id("id", id), await Decision.ReadAsync(body, cancellationToken));
                return await AnswerAsync(registry, (db, token) => OfRunAsync(db, runId, token), decision, cancellationToken);
            })
            .WithName("ReproduceRun").WithTags("Reproductions").WithSummary("Has a run's training done again and compared with its model, on a named person's wish")
            .Accepts<Decision>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
        app.MapPost("/models/{name}/versions/{version}/reproductions", async (
                RegistryStore registry, HttpRequest body, string name, string version, CancellationToken cancellationToken) =>
            {
                var decision = await Decision.ReadAsync(body, cancellationToken);
                return await AnswerAsync(registry, (db, token) => OfVersionAsync(db, name, version, token), decision, cancellationToken);
            })
            .WithName("ReproduceModelVersion").WithTags("Reproductions")
            .WithSummary("Has the training of a model version done again and compared with it; of a compressed variant, the training of its original and then its compression")
            .Accepts<Decision>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);
    }

    private static async Task<IResult> AnswerAsync(
        RegistryStore registry, Func<RegistryDbContext, CancellationToken, Task<Asked>> find, Decision decision, CancellationToken cancellationToken)
    {
        var request = await registry.WriteAsync(async (db, token) => await RequestAsync(db, registry, await find(db, token), decision, token), cancellationToken);
        return TypedResults.Accepted($"/reproductions/{request.Id}", await registry.ReadAsync((db, token) => ShowReproduction.ReadAsync(db, request.Id, token), cancellationToken));
    }

    private static async Task<Asked> OfRunAsync(RegistryDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        if (!await db.PipelineRuns.AnyAsync(run => run.Id == runId, cancellationToken))
            throw ShowRun.NotFound(runId);
        return await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(version => version.PipelineRunId == runId && version.ParentId == null, cancellationToken) is { } original
            ? new Asked(original, null)
            : throw new Fault(FaultKind.Conflict, "id", $"run {runId} has trained no model, at least not yet; one that has is accepted");
    }

    private static async Task<Asked> OfVersionAsync(RegistryDbContext db, string name, string version, CancellationToken cancellationToken)
    {
        var found = await FindModelVersion.ReadAsync(db, name, version, cancellationToken);
        var asked = found.ParentId is { } parent
            ? new Asked(await db.ModelVersions.AsNoTracking().SingleAsync(row => row.Id == parent, cancellationToken), found)
            : new Asked(found, null);
        return asked.Original.PipelineRunId is not null
            ? asked
            : throw new Fault(FaultKind.Conflict, "version", $"{name} version {asked.Original.Version} was made elsewhere; a model that was trained here is accepted, and a variant of one");
    }

    internal static async Task<ReproductionRequest> RequestAsync(
        RegistryDbContext db, RegistryStore registry, Asked asked, Decision decision, CancellationToken cancellationToken)
    {
        var (original, variant) = asked;
        var runId = original.PipelineRunId!.Value;
        // Work of a cancelled run is set aside: it would wait for ever.
        if (await Outcomes.Of(db).AnyAsync(outcome => outcome.PipelineRunId == runId && outcome.Kind == PipelineOutcome.Cancelled, cancellationToken))
            throw new Fault(FaultKind.Conflict, "id", $"run {runId} was cancelled; a run that was not is accepted, or this one once it is retried");
        var training = await db.TrainingRuns.Where(training => training.PipelineRunId == runId).Select(training => (Guid?)training.Id).SingleOrDefaultAsync(cancellationToken)
            ?? throw new Fault(FaultKind.Conflict, "id", $"run {runId} has recorded no training; one that has is accepted");
        var request = new ReproductionRequest
        {
            Id = registry.NewId(),
            PipelineRunId = runId,
            TrainingRunId = training,
            ModelVersionId = original.Id,
            VariantId = variant?.Id,
            Actor = decision.Actor!,
            Reason = decision.Reason!,
            CreatedAt = registry.Now(),
        };
        db.Insert(request);
        db.Audit(decision.Actor!, "reproduction.requested", request.Id, new
        {
            request.PipelineRunId,
            request.TrainingRunId,
            request.ModelVersionId,
            original.Digest,
            request.VariantId,
            VariantDigest = variant?.Digest,
            decision.Reason,
        });
        db.Publish(new ReproductionRequested
        {
            EventId = registry.NewId(),
            OccurredAt = request.CreatedAt,
            PipelineRunId = runId,
            ReproductionId = request.Id,
            TrainingRunId = training,
            ModelVersionId = original.Id,
            Digest = original.Digest,
            VariantId = variant?.Id,
        });
        return request;
    }

    /// <summary>What is to be had again.</summary>
    /// <param name="Original">The model version that was trained.</param>
    /// <param name="Variant">The one compressed from it that was asked for; null where the original was.</param>
    internal sealed record Asked(ModelVersion Original, ModelVersion? Variant);
}
