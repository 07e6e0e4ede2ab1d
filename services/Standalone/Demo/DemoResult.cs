using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Standalone.Demo;

/// <summary>A model version of a pipeline, with what was measured of it.</summary>
internal sealed record MeasuredVersion(ModelVersion Version, EvaluationReport? Report, double? MedianMicroseconds);

/// <summary>What became of one pipeline.</summary>
/// <param name="Sample">The data and the spec.</param>
/// <param name="Run">Its run.</param>
/// <param name="Dataset">What it ran on.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Versions">The original, then its variants.</param>
/// <param name="Served">The version that is served; null when the pipeline failed.</param>
internal sealed record DemoResult(
    DemoSample Sample, PipelineRun Run, DatasetVersion Dataset, PipelineOutcome Outcome, IReadOnlyList<MeasuredVersion> Versions, MeasuredVersion? Served)
{
    public TimeSpan Took => Outcome.CreatedAt - Run.CreatedAt;

    public static async Task<IReadOnlyList<DemoResult>> ReadAsync(RegistryStore registry, IReadOnlyList<DemoPipeline> pipelines, CancellationToken cancellationToken)
    {
        var results = new List<DemoResult>();
        foreach (var pipeline in pipelines)
            results.Add(await registry.ReadAsync((db, token) => ReadAsync(db, pipeline, token), cancellationToken));
        return results;
    }

    private static async Task<DemoResult> ReadAsync(RegistryDbContext db, DemoPipeline pipeline, CancellationToken cancellationToken)
    {
        var run = await db.PipelineRuns.SingleAsync(row => row.Id == pipeline.RunId, cancellationToken);
        var dataset = await db.DatasetVersions.SingleAsync(row => row.Id == run.DatasetVersionId, cancellationToken);
        var outcome = await Outcomes.Of(db).SingleAsync(row => row.PipelineRunId == run.Id, cancellationToken);
        var versions = await db.ModelVersions.Where(row => row.PipelineRunId == run.Id).OrderBy(row => row.Version).ToListAsync(cancellationToken);
        var reports = await db.EvaluationReports.Where(row => row.PipelineRunId == run.Id).ToDictionaryAsync(row => row.ModelVersionId, cancellationToken);
        var compression = await db.Compressions.SingleOrDefaultAsync(row => row.PipelineRunId == run.Id, cancellationToken);
        var promotion = await db.Promotions.SingleOrDefaultAsync(row => row.DecidedByRunId == run.Id, cancellationToken);
        var latencies = (compression?.Measurements ?? []).ToDictionary(row => row.ModelVersionId, row => row.MedianMicroseconds);
        var measured = versions.ConvertAll(version => new MeasuredVersion(
            version, reports.GetValueOrDefault(version.Id), latencies.TryGetValue(version.Id, out var latency) ? latency : null));
        var served = outcome.Served ? measured.Single(version => version.Version.Id == promotion!.ModelVersionId) : null;
        return new DemoResult(pipeline.Sample, run, dataset, outcome, measured, served);
    }
}
