using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Reproductions;

/// <summary>A training that is done again, or was; of a compressed variant, its compression too.</summary>
/// <param name="Id">Its id.</param>
/// <param name="RunId">The run that trained.</param>
/// <param name="ModelName">The model's name.</param>
/// <param name="Version">The version that was stored: of a compressed variant, its original.</param>
/// <param name="Digest">SHA-256 of that version's ONNX file.</param>
/// <param name="Variant">The compressed variant that was asked for; absent where the original was.</param>
/// <param name="Actor">Who asked for it.</param>
/// <param name="Reason">Why.</param>
/// <param name="State">Where the work stands.</param>
/// <param name="Error">Why the last attempt failed; absent where none did.</param>
/// <param name="Progress">How far the training is; absent unless it goes on.</param>
/// <param name="Result">What came of it; absent until it is done.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record ReproductionDetail(
    Guid Id, Guid RunId, string ModelName, int Version, string Digest, ReproducedVariant? Variant, string Actor, string Reason, WorkState State, string? Error, TrainingProgress? Progress,
    ReproductionResult? Result, DateTimeOffset CreatedAt);

/// <summary>A compressed variant that is asked for.</summary>
/// <param name="Version">Its number within the model's name.</param>
/// <param name="Method">What it was compressed by.</param>
/// <param name="Digest">SHA-256 of its ONNX file.</param>
public sealed record ReproducedVariant(int Version, string Method, string Digest);

/// <summary>What came of doing a training again.</summary>
/// <param name="Verdict">identical, equivalent, different or failed.</param>
/// <param name="Reason">Why, with all that is known to differ between both trainings.</param>
/// <param name="Digest">SHA-256 of the ONNX file that was made again; absent where there is none.</param>
/// <param name="LargestDifference">The largest absolute difference between two weights; absent where there are no such to compare.</param>
/// <param name="Metrics">Of both models on the same held-out rows; empty where they are identical.</param>
/// <param name="Variant">What came of the variant; absent where none was asked for, or the trainer was of a build that compresses nothing again.</param>
/// <param name="Backend">What computed it; absent where nothing was trained.</param>
/// <param name="CodeVersion">Version of the code.</param>
/// <param name="Details">Architecture, environment and speed; absent where nothing was trained.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="FinishedAt">UTC.</param>
public sealed record ReproductionResult(
    ReproductionVerdict Verdict, string Reason, string? Digest, double? LargestDifference, IReadOnlyDictionary<string, ReproducedMetric> Metrics,
    VariantReproduction? Variant, string? Backend, string CodeVersion, TrainingDetails? Details, DateTimeOffset StartedAt, DateTimeOffset FinishedAt);

internal static class ShowReproduction
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/reproductions/{id}", (RegistryStore registry, string id, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, RequestValues.Id("id", id), token), cancellationToken))
            .WithName(nameof(ShowReproduction)).WithTags("Reproductions").WithSummary("Shows how a training that is done again gets on, and what came of it")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    public static async Task<ReproductionDetail> ReadAsync(RegistryDbContext db, Guid id, CancellationToken cancellationToken) =>
        (await ReadAsync(db, db.ReproductionRequests.Where(request => request.Id == id), cancellationToken)).SingleOrDefault()
            ?? throw Fault.NotFound("id", $"there is no reproduction {id}");

    /// <summary>Newest first.</summary>
    public static async Task<IReadOnlyList<ReproductionDetail>> ReadAsync(RegistryDbContext db, IQueryable<ReproductionRequest> requests, CancellationToken cancellationToken)
    {
        var found = await requests.AsNoTracking().OrderByDescending(request => request.Id)
            .Select(request => new
            {
                Request = request,
                Version = db.ModelVersions.Single(version => version.Id == request.ModelVersionId),
                Variant = db.ModelVersions.Where(version => version.Id == request.VariantId).Select(version => new ReproducedVariant(version.Version, version.Method, version.Digest)).SingleOrDefault(),
                Work = db.WorkItems.SingleOrDefault(item => item.Kind == ReproductionWork.Kind && item.SubjectId == request.Id),
                Result = db.Reproductions.SingleOrDefault(fact => fact.Id == request.Id),
            })
            .ToListAsync(cancellationToken);
        return found.ConvertAll(row => new ReproductionDetail(
            row.Request.Id, row.Request.PipelineRunId, row.Version.Name, row.Version.Version, row.Version.Digest, row.Variant, row.Request.Actor, row.Request.Reason,
            row.Work?.State ?? WorkState.Queued, row.Work?.Error, row.Work is { State: WorkState.Leased } ? row.Work.Progress : null,
            row.Result is { } fact
                ? new ReproductionResult(fact.Verdict, fact.Reason, fact.Digest, fact.LargestDifference, fact.Metrics, fact.Variant, fact.Backend, fact.CodeVersion, fact.Details, fact.StartedAt, fact.CreatedAt)
                : null,
            row.Request.CreatedAt));
    }
}
