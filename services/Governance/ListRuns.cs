using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>Where a pipeline run stands.</summary>
public enum RunState
{
    /// <summary>It goes on, or waits for a person to promote its model.</summary>
    Running,

    /// <summary>A model of it was loaded by inference.</summary>
    Served,

    /// <summary>It ended without a served model.</summary>
    Failed,

    /// <summary>A person cancelled it.</summary>
    Cancelled,
}

/// <summary>Pipeline runs.</summary>
/// <param name="Runs">Newest first.</param>
/// <param name="Next">What to give as <c>before</c> for the next page; absent on the last.</param>
public sealed record RunList(IReadOnlyList<RunSummary> Runs, Guid? Next);

/// <summary>A pipeline run in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Name of the pipeline and of the model that it makes.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Stage">Where it ended, or the work that was added last; absent before there is any.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="DatasetName">Name of the data set that it runs on.</param>
/// <param name="DatasetVersion">Its version.</param>
/// <param name="CreatedAt">UTC.</param>
/// <param name="EndedAt">UTC; absent while it goes on.</param>
public sealed record RunSummary(
    Guid Id, string Name, RunState State, string? Stage, string? Reason, string DatasetName, int DatasetVersion, DateTimeOffset CreatedAt, DateTimeOffset? EndedAt);

internal static class ListRuns
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/runs", (
                RegistryStore registry,
                [Description("Only runs in this state: running, served, failed or cancelled.")] string? state,
                [Description("Only runs of the pipeline of this name.")] string? name,
                [Description("Only runs older than the one with this id.")] string? before,
                [Description(RequestValues.LimitRule)] string? limit,
                CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, state, name, before, limit, token), cancellationToken))
            .WithName(nameof(ListRuns)).WithTags("Runs").WithSummary("Lists pipeline runs, newest first")
            .ProducesProblem(StatusCodes.Status400BadRequest);

    public static async Task<RunList> ReadAsync(
        RegistryDbContext db, string? state, string? name, string? before, string? limit, CancellationToken cancellationToken)
    {
        var count = RequestValues.Limit(limit);
        IQueryable<PipelineRun> runs = db.PipelineRuns;
        if (name is not null)
            runs = runs.Where(run => run.Name == name);
        if (RequestValues.OptionalId("before", before) is { } newer)
            runs = runs.Where(run => run.Id.CompareTo(newer) < 0);
        var found = await Summaries(db, InState(db, runs, RequestValues.OptionalChoice<RunState>("state", state)), count + 1).ToListAsync(cancellationToken);
        return new RunList([.. found.Take(count)], found.Count > count ? found[count - 1].Id : null);
    }

    private static IQueryable<PipelineRun> InState(RegistryDbContext db, IQueryable<PipelineRun> runs, RunState? state) => state switch
    {
        RunState.Running => runs.Where(run => !Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == run.Id)),
        RunState.Served => runs.Where(run => Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == run.Id && outcome.Served)),
        RunState.Failed => runs.Where(run => Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == run.Id && !outcome.Served && outcome.Kind != PipelineOutcome.Cancelled)),
        RunState.Cancelled => runs.Where(run => Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == run.Id && outcome.Kind == PipelineOutcome.Cancelled)),
        _ => runs,
    };

    /// <summary>Ids sort by when they were made, so the primary key alone gives the order and the place in it.</summary>
    private static IQueryable<RunSummary> Summaries(RegistryDbContext db, IQueryable<PipelineRun> runs, int count) =>
        from run in runs.OrderByDescending(run => run.Id).Take(count)
        join dataset in db.DatasetVersions on run.DatasetVersionId equals dataset.Id
        join outcome in Outcomes.Of(db) on run.Id equals outcome.PipelineRunId into outcomes
        from outcome in outcomes.DefaultIfEmpty()
        orderby run.Id descending
        select new RunSummary(
            run.Id, run.Name, outcome == null ? RunState.Running : outcome.Served ? RunState.Served : outcome.Kind == PipelineOutcome.Cancelled ? RunState.Cancelled : RunState.Failed,
            outcome == null
                ? db.WorkItems.Where(item => item.PipelineRunId == run.Id).OrderByDescending(item => item.CreatedAt).Select(item => item.Kind).FirstOrDefault()
                : outcome.Stage,
            outcome == null ? null : outcome.Reason, dataset.Name, dataset.Version, run.CreatedAt, outcome == null ? null : outcome.CreatedAt);
}
