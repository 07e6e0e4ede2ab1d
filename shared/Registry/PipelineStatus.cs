using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>Where a pipeline run stands.</summary>
/// <param name="Run">The run.</param>
/// <param name="Attempt">1, and one more for each time that a person had it go on.</param>
/// <param name="Outcome">How it ended; null while it goes on, or waits for a person to promote.</param>
/// <param name="Stages">Its work so far, in order of creation.</param>
public sealed record PipelineStatus(PipelineRun Run, int Attempt, PipelineOutcome? Outcome, IReadOnlyList<WorkItem> Stages)
{
    /// <summary>The states of the given runs, in one query.</summary>
    /// <param name="db">A context.</param>
    /// <param name="runs">Which runs, in the wished order.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public static async Task<IReadOnlyList<PipelineStatus>> ReadAsync(RegistryDbContext db, IQueryable<PipelineRun> runs, CancellationToken cancellationToken) =>
        await runs.AsNoTracking().AsSingleQuery().Select(run => new PipelineStatus(
            run,
            1 + db.PipelineRetries.Count(retry => retry.PipelineRunId == run.Id),
            Outcomes.Of(db).SingleOrDefault(outcome => outcome.PipelineRunId == run.Id),
            db.WorkItems.Where(item => item.PipelineRunId == run.Id).OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).ToList()))
            .ToListAsync(cancellationToken);
}
