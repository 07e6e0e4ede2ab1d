using System.ComponentModel;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;

namespace Mlops.Governance.ExternalRuns;

/// <summary>Runs elsewhere.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Next">What to give as <c>before</c> for the next page; absent on the last.</param>
public sealed record ExternalRunList(IReadOnlyList<ExternalRunSummary> Runs, Guid? Next);

/// <summary>A run elsewhere in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name of the model that it makes.</param>
/// <param name="Source">What trained.</param>
/// <param name="DatasetDigest">SHA-256 of the data set; absent where nobody knows it.</param>
/// <param name="License">Under which license the model may be used; absent where nobody has said so.</param>
/// <param name="ModelVersion">The number of its model version within the name; absent while it has none.</param>
/// <param name="StartedAt">UTC; as its recorder said.</param>
/// <param name="CreatedAt">UTC; when it was recorded.</param>
public sealed record ExternalRunSummary(Guid Id, string Name, string Source, string? DatasetDigest, string? License, int? ModelVersion, DateTimeOffset StartedAt, DateTimeOffset CreatedAt);

/// <summary>Everything about a run elsewhere.</summary>
/// <param name="Summary">In short.</param>
/// <param name="Parameters">Hyper-parameters by name.</param>
/// <param name="DatasetVersionId">The registered data set version of that digest; absent where there was none.</param>
/// <param name="Metrics">By the metric's name.</param>
public sealed record ExternalRunDetail(ExternalRunSummary Summary, JsonElement Parameters, Guid? DatasetVersionId, IReadOnlyDictionary<string, MetricSeries> Metrics);

/// <summary>Lists runs elsewhere, and shows one with its parameters and metrics.</summary>
internal static class ShowExternalRuns
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/external-runs", (
                RegistryStore registry,
                [Description("Only runs that make the model of this name.")] string? name,
                [Description("Only runs older than the one with this id.")] string? before,
                [Description(RequestValues.LimitRule)] string? limit,
                CancellationToken cancellationToken) =>
                registry.ReadAsync((db, token) => ListAsync(db, name, before, limit, token), cancellationToken))
            .WithName("ListExternalRuns").WithTags("Runs from elsewhere").WithSummary("Lists trainings that were done elsewhere, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);
        app.MapGet("/external-runs/{id}", (RegistryStore registry, string id, CancellationToken cancellationToken) =>
                registry.ReadAsync((db, token) => DetailAsync(db, RequestValues.Id("id", id), token), cancellationToken))
            .WithName("ShowExternalRun").WithTags("Runs from elsewhere").WithSummary("Shows a training that was done elsewhere, with its parameters and metrics")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);
    }

    private static async Task<ExternalRunList> ListAsync(RegistryDbContext db, string? name, string? before, string? limit, CancellationToken cancellationToken)
    {
        var count = RequestValues.Limit(limit);
        var runs = name is null ? db.ExternalRuns : db.ExternalRuns.Where(run => run.Name == name);
        // Not the id alone, which a caller may have chosen.
        if (RequestValues.OptionalId("before", before) is { } newer)
        {
            var at = (await FindExternalRun.ReadAsync(db, newer, cancellationToken)).CreatedAt;
            runs = runs.Where(run => run.CreatedAt < at || (run.CreatedAt == at && run.Id.CompareTo(newer) < 0));
        }
        var found = await Summaries(db, runs.OrderByDescending(run => run.CreatedAt).ThenByDescending(run => run.Id).Take(count + 1)).ToListAsync(cancellationToken);
        return new ExternalRunList([.. found.Take(count)], found.Count > count ? found[count - 1].Id : null);
    }

    private static async Task<ExternalRunDetail> DetailAsync(RegistryDbContext db, Guid id, CancellationToken cancellationToken)
    {
        var run = await FindExternalRun.ReadAsync(db, id, cancellationToken);
        var summary = await Summaries(db, db.ExternalRuns.Where(row => row.Id == id)).SingleAsync(cancellationToken);
        return new ExternalRunDetail(summary, JsonElement.Parse(run.Parameters), run.DatasetVersionId,
            await ShowMetrics.SeriesAsync(db.MetricPoints.Where(point => point.TrainingRunId == id), cancellationToken));
    }

    private static IQueryable<ExternalRunSummary> Summaries(RegistryDbContext db, IQueryable<Registry.Facts.ExternalRun> runs) =>
        runs.Select(run => new ExternalRunSummary(run.Id, run.Name, run.Source, run.DatasetDigest, run.License,
            db.ModelVersions.Where(version => version.ExternalRunId == run.Id).Select(version => (int?)version.Version).FirstOrDefault(), run.StartedAt, run.CreatedAt));
}
