using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Governance.ExternalRuns;
using Mlops.Governance.Reproductions;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>Everything about one model version.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The model's name.</param>
/// <param name="Version">Its number within the name.</param>
/// <param name="Digest">SHA-256 of the ONNX file; a prediction names it.</param>
/// <param name="Bytes">Length of the ONNX file.</param>
/// <param name="Method"><c>original</c>, or the compression method.</param>
/// <param name="ParentVersion">The version that it was compressed from; absent for an original.</param>
/// <param name="IsChampion">Whether it is to be served now.</param>
/// <param name="PipelineRunId">The run that made it; absent when it was made elsewhere.</param>
/// <param name="ExternalRunId">The recorded run that made it elsewhere; absent when a pipeline run did.</param>
/// <param name="Provenance">Where it is from; absent when a pipeline run made it.</param>
/// <param name="Dataset">What it was trained on; absent when that was never registered.</param>
/// <param name="Signature">What it takes and gives; the columns of each input stand in order.</param>
/// <param name="Report">What it reached on the held-out test rows; absent until it is evaluated.</param>
/// <param name="Latency">Of one row; absent until it is measured.</param>
/// <param name="Reproductions">How its training was done again, newest first, and the compression of its variants after it; of a variant, how it was itself.</param>
/// <param name="Promotions">Newest first, at most 50.</param>
/// <param name="Deployments">Newest first, at most 50.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record ModelVersionDetail(
    Guid Id, string Name, int Version, string Digest, long Bytes, string Method, int? ParentVersion, bool IsChampion, Guid? PipelineRunId, Guid? ExternalRunId,
    Provenance? Provenance, DatasetReference? Dataset, ModelSignature Signature, ReportSummary? Report, LatencySummary? Latency, IReadOnlyList<ReproductionDetail> Reproductions, IReadOnlyList<PromotionSummary> Promotions,
    IReadOnlyList<DeploymentSummary> Deployments, DateTimeOffset CreatedAt);

/// <summary>A data set version.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The data set's name.</param>
/// <param name="Version">Its number within the name.</param>
/// <param name="Digest">SHA-256 of the bytes.</param>
/// <param name="Rows">Data rows.</param>
public sealed record DatasetReference(Guid Id, string Name, int Version, string Digest, long Rows)
{
    internal static Task<DatasetReference> OfRunAsync(RegistryDbContext db, Guid runId, CancellationToken cancellationToken) =>
        db.PipelineRuns.Where(run => run.Id == runId).Join(db.DatasetVersions, run => run.DatasetVersionId, dataset => dataset.Id, (_, dataset) => dataset)
            .Select(dataset => new DatasetReference(dataset.Id, dataset.Name, dataset.Version, dataset.Digest, dataset.Rows)).SingleAsync(cancellationToken);

    /// <summary>What a version was trained on, here or elsewhere.</summary>
    internal static Task<DatasetReference?> OfVersionAsync(RegistryDbContext db, ModelVersion version, CancellationToken cancellationToken) =>
        db.DatasetVersions
            .Where(dataset => db.ExternalRuns.Any(run => run.DatasetVersionId == dataset.Id
                    && (run.Id == version.ExternalRunId || db.ModelVersions.Any(parent => parent.Id == version.ParentId && parent.ExternalRunId == run.Id)))
                // The run of a variant whose original is from elsewhere evaluated it, and trained nothing.
                || (db.PipelineRuns.Any(run => run.Id == version.PipelineRunId && run.DatasetVersionId == dataset.Id)
                    && !db.ModelVersions.Any(parent => parent.Id == version.ParentId && parent.ExternalRunId != null)))
            .Select(dataset => new DatasetReference(dataset.Id, dataset.Name, dataset.Version, dataset.Digest, dataset.Rows)).SingleOrDefaultAsync(cancellationToken);
}

/// <summary>An evaluation in short; the whole is at <c>…/report</c>.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Digest">SHA-256 of the whole report.</param>
/// <param name="Rows">Test rows.</param>
/// <param name="Passed">Whether every gate was met.</param>
/// <param name="Metrics">By name.</param>
/// <param name="Gates">Each gate's verdict with its reason.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record ReportSummary(
    Guid Id, string Digest, long Rows, bool Passed,
    IReadOnlyDictionary<string, double> Metrics,
    IReadOnlyList<GateVerdict> Gates, DateTimeOffset CreatedAt);

/// <summary>How long one row takes, in microseconds.</summary>
/// <param name="MedianMicroseconds">The median.</param>
/// <param name="P95Microseconds">The 95th percentile.</param>
public sealed record LatencySummary(double MedianMicroseconds, double P95Microseconds);

/// <summary>A replica loaded the version, or could not.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Replica">The replica's name.</param>
/// <param name="Ready">Whether it was loaded.</param>
/// <param name="LoadMilliseconds">How long that took.</param>
/// <param name="Reason">Why it could not be loaded.</param>
/// <param name="CreatedAt">UTC.</param>
public sealed record DeploymentSummary(Guid Id, string Replica, bool Ready, double LoadMilliseconds, string? Reason, DateTimeOffset CreatedAt);

internal static class ShowModelVersion
{
    private const int Newest = 50;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/models/{name}/versions/{version}", (RegistryStore registry, string name, string version, CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, name, version, token), cancellationToken))
            .WithName(nameof(ShowModelVersion)).WithTags("Models")
            .WithSummary("Shows a model version: digest, signature, metrics and gates, latency, promotions and deployments")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    public static async Task<ModelVersionDetail> ReadAsync(RegistryDbContext db, string name, string version, CancellationToken cancellationToken)
    {
        var found = await FindModelVersion.ReadAsync(db, name, version, cancellationToken);
        var evaluatedBy = await db.EvaluationReports.Where(report => report.ModelVersionId == found.Id).Select(report => report.PipelineRunId).ToListAsync(cancellationToken);
        var latency = (await VersionSummary.LatenciesAsync(db, evaluatedBy, cancellationToken)).GetValueOrDefault(found.Id);
        var parent = await db.ModelVersions.Where(row => row.Id == found.ParentId).Select(row => (int?)row.Version).SingleOrDefaultAsync(cancellationToken);
        return new ModelVersionDetail(
            found.Id, found.Name, found.Version, found.Digest, found.Bytes, found.Method, parent,
            await Champions.Of(db).AnyAsync(promotion => promotion.ModelVersionId == found.Id, cancellationToken),
            found.PipelineRunId, found.ExternalRunId, await Provenance.OfAsync(db, found, cancellationToken), await DatasetReference.OfVersionAsync(db, found, cancellationToken), found.Signature,
            await ReportAsync(db, found.Id, cancellationToken),
            latency is null ? null : new LatencySummary(latency.MedianMicroseconds, latency.P95Microseconds),
            await ShowReproduction.ReadAsync(db, db.ReproductionRequests.Where(request => request.ModelVersionId == found.Id || request.VariantId == found.Id), cancellationToken),
            await PromotionsAsync(db, found, cancellationToken), await DeploymentsAsync(db, found.Id, cancellationToken), found.CreatedAt);
    }

    private static Task<ReportSummary?> ReportAsync(RegistryDbContext db, Guid versionId, CancellationToken cancellationToken) =>
        db.EvaluationReports.Where(report => report.ModelVersionId == versionId)
            .Select(report => new ReportSummary(report.Id, report.ReportDigest, report.Rows, report.Passed, report.Metrics, report.Gates, report.CreatedAt))
            .SingleOrDefaultAsync(cancellationToken);

    private static async Task<IReadOnlyList<PromotionSummary>> PromotionsAsync(RegistryDbContext db, ModelVersion version, CancellationToken cancellationToken)
    {
        var promotions = await db.Promotions.Where(promotion => promotion.ModelName == version.Name && promotion.ModelVersionId == version.Id)
            .OrderByDescending(promotion => promotion.Sequence).Take(Newest).ToListAsync(cancellationToken);
        return promotions.ConvertAll(promotion => PromotionSummary.Of(promotion, version));
    }

    private static async Task<IReadOnlyList<DeploymentSummary>> DeploymentsAsync(RegistryDbContext db, Guid versionId, CancellationToken cancellationToken) =>
        await db.Deployments.Where(deployment => deployment.ModelVersionId == versionId)
            .OrderByDescending(deployment => deployment.CreatedAt).Take(Newest)
            .Select(deployment => new DeploymentSummary(
                deployment.Id, deployment.Replica, deployment.Ready, deployment.LoadMilliseconds, deployment.Reason, deployment.CreatedAt))
            .ToListAsync(cancellationToken);
}
