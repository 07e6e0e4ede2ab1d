using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Standalone.Demo;

/// <summary>How one pipeline gets on.</summary>
/// <param name="Status">Its stages.</param>
/// <param name="Epoch">The newest epoch of its training in words, while it trains.</param>
/// <param name="Elapsed">Since it began, until it ended.</param>
internal sealed record PipelineProgress(PipelineStatus Status, string? Epoch, TimeSpan Elapsed)
{
    public static Task<List<PipelineProgress>> ReadAsync(RegistryStore registry, IReadOnlyList<DemoPipeline> pipelines, CancellationToken cancellationToken) =>
        registry.ReadAsync(async (db, token) =>
        {
            var ids = pipelines.Select(pipeline => pipeline.RunId).ToList();
            var statuses = await PipelineStatus.ReadAsync(db, db.PipelineRuns.Where(run => ids.Contains(run.Id)).OrderBy(run => run.CreatedAt).ThenBy(run => run.Id), token);
            var progress = new List<PipelineProgress>();
            foreach (var status in statuses)
            {
                var training = status.Stages.FirstOrDefault(item => item is { Kind: "train-model", State: WorkState.Leased });
                progress.Add(new PipelineProgress(
                    status,
                    training is null ? null : await EpochAsync(db, training.Id, token),
                    (status.Outcome?.CreatedAt ?? registry.Now()) - status.Run.CreatedAt));
            }
            return progress;
        }, cancellationToken);

    private static async Task<string?> EpochAsync(RegistryDbContext db, Guid trainingRunId, CancellationToken cancellationToken)
    {
        var point = await db.MetricPoints.Where(row => row.TrainingRunId == trainingRunId && row.Name == "train/loss")
            .OrderByDescending(row => row.Step).FirstOrDefaultAsync(cancellationToken);
        return point is null ? null : string.Create(CultureInfo.InvariantCulture, $"epoch {point.Step}, loss {point.Value:0.0000}");
    }
}
