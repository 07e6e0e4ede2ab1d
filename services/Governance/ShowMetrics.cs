using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>The metrics of a run's training by epoch, while it goes on and afterwards.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Series">By the metric's name, such as <c>train/loss</c> or <c>validation/loss</c>.</param>
public sealed record RunMetrics(Guid RunId, IReadOnlyDictionary<string, MetricSeries> Series);

/// <summary>One metric over the epochs.</summary>
/// <param name="Steps">Epochs, rising, from 1; long trainings are recorded every so many epochs.</param>
/// <param name="Values">The value at each step.</param>
public sealed record MetricSeries(IReadOnlyList<int> Steps, IReadOnlyList<double> Values);

internal static class ShowMetrics
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/runs/{id}/metrics", (
                RegistryStore registry, string id,
                [Description("Of this fold of its cross-validation, from 1, instead of the training on all rows.")] string? fold,
                [Description("Of which repeat the fold is: 1 unless given.")] string? repeat,
                [Description("Of this trial of its search, from 1, instead of the training with the settings that were found.")] string? trial,
                CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, id, fold, repeat, trial, token), cancellationToken))
            .WithName(nameof(ShowMetrics)).WithTags("Runs").WithSummary("Shows the metrics of a run's training, or of a fold's or a trial's, by epoch")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    public static async Task<RunMetrics> ReadAsync(RegistryDbContext db, string id, string? fold, string? repeat, string? trial, CancellationToken cancellationToken)
    {
        var runId = RequestValues.Id("id", id);
        if (!await db.PipelineRuns.AnyAsync(run => run.Id == runId, cancellationToken))
            throw ShowRun.NotFound(runId);
        if (fold is not null && trial is not null)
            throw Fault.Invalid("trial", "not accepted together with fold; one of both is");
        // A training, a fold and a trial have the id of the work that does them: points are there before the training is.
        var subject = fold is not null ? SubjectOf(runId, fold, repeat)
            : trial is not null ? TrialWork.SubjectOf(runId, (int)RequestValues.Whole("trial", trial, 1, 1, SearchSpec.MostTrials))
            : (Guid?)null;
        var work = db.WorkItems.Where(item => item.PipelineRunId == runId);
        var trainings = subject is null
            ? work.Where(item => item.Kind == ModelWork.Kind).Select(item => item.Id).Union(db.TrainingRuns.Where(training => training.PipelineRunId == runId).Select(training => training.Id))
            : work.Where(item => item.SubjectId == subject).Select(item => item.Id);
        return new RunMetrics(runId, await SeriesAsync(db.MetricPoints.Where(point => trainings.Contains(point.TrainingRunId)), cancellationToken));
    }

    private static Guid SubjectOf(Guid runId, string fold, string? repeat) => FoldWork.SubjectOf(
        runId, (int)RequestValues.Whole("repeat", repeat, 1, 1, CrossValidationSpec.MostParts), (int)RequestValues.Whole("fold", fold, 1, 1, CrossValidationSpec.MostParts));

    /// <summary>Points of one training by name, each series in the order of its steps.</summary>
    internal static async Task<IReadOnlyDictionary<string, MetricSeries>> SeriesAsync(IQueryable<MetricPoint> points, CancellationToken cancellationToken) =>
        (await points.OrderBy(point => point.Name).ThenBy(point => point.Step).Select(point => new { point.Name, point.Step, point.Value }).ToListAsync(cancellationToken))
            .GroupBy(point => point.Name).ToDictionary(
                group => group.Key,
                group => new MetricSeries([.. group.Select(point => point.Step)], [.. group.Select(point => point.Value)]));
}
