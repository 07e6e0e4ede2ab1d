using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Standalone.Demo;

/// <summary>How one pipeline gets on.</summary>
/// <param name="Status">Its stages.</param>
/// <param name="Training">How far its training is, while it trains.</param>
/// <param name="Elapsed">Since it began, until it ended.</param>
internal sealed record PipelineProgress(PipelineStatus Status, TrainingProgress? Training, TimeSpan Elapsed)
{
    public static Task<List<PipelineProgress>> ReadAsync(RegistryStore registry, IReadOnlyList<DemoPipeline> pipelines, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) =>
        {
            var ids = pipelines.Select(pipeline => pipeline.RunId).ToList();
            var statuses = await PipelineStatus.ReadAsync(db, db.PipelineRuns.Where(run => ids.Contains(run.Id)).OrderBy(run => run.CreatedAt).ThenBy(run => run.Id), token);
            return statuses.Select(status => new PipelineProgress(
                status,
                status.Stages.FirstOrDefault(item => item is { State: WorkState.Leased, Progress: not null })?.Progress,
                (status.Outcome?.CreatedAt ?? registry.Now()) - status.Run.CreatedAt)).ToList();
        }, cancellationToken);
}
