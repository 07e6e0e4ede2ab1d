using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>Where a pipeline run stands.</summary>
/// <param name="Run">The run.</param>
/// <param name="Outcome">How it ended; null while it goes on, or waits for a person to promote.</param>
/// <param name="Stages">Its work so far, in order of creation.</param>
public sealed record PipelineStatus(PipelineRun Run, PipelineOutcome? Outcome, IReadOnlyList<WorkItem> Stages)
{
    /// <summary>The states of the given runs.</summary>
    /// <param name="db">A context.</param>
    /// <param name="runs">Which runs, in the wished order.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public static async Task<IReadOnlyList<PipelineStatus>> ReadAsync(RegistryDbContext db, IQueryable<PipelineRun> runs, CancellationToken cancellationToken)
    {
        var found = await runs.AsNoTracking().ToListAsync(cancellationToken);
        var ids = found.ConvertAll(run => run.Id);
        var outcomes = await db.PipelineOutcomes.AsNoTracking().Where(outcome => ids.Contains(outcome.PipelineRunId))
            .ToDictionaryAsync(outcome => outcome.PipelineRunId, cancellationToken);
        var work = await db.WorkItems.AsNoTracking().Where(item => ids.Contains(item.PipelineRunId)).ToListAsync(cancellationToken);
        var stages = work.OrderBy(item => item.CreatedAt).ThenBy(item => item.Id).ToLookup(item => item.PipelineRunId);
        return found.ConvertAll(run => new PipelineStatus(run, outcomes.GetValueOrDefault(run.Id), [.. stages[run.Id]]));
    }
}
