using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>How runs ended, as it holds now: an outcome that a retry set aside no longer does.</summary>
public static class Outcomes
{
    /// <summary>At most one for each run; none while it goes on.</summary>
    public static IQueryable<PipelineOutcome> Of(RegistryDbContext db) => db.PipelineOutcomes.Where(outcome =>
        !db.PipelineRetries.Any(retry => retry.PipelineRunId == outcome.PipelineRunId && retry.Attempt == outcome.Attempt));

    /// <summary>Which attempt of the run goes on, or ended last: 1 before any retry.</summary>
    public static async Task<int> AttemptAsync(RegistryDbContext db, Guid runId, CancellationToken cancellationToken) =>
        1 + await db.PipelineRetries.CountAsync(retry => retry.PipelineRunId == runId, cancellationToken);

    /// <summary>
    /// Waits until no other transaction decides what becomes of the run, until this one ends: adding work, cancelling,
    /// retrying and promoting must each see what the others did.
    /// </summary>
    public static Task HoldAsync(RegistryDbContext db, Guid runId, CancellationToken cancellationToken) =>
        db.LockAsync($"pipeline-run:{runId}", cancellationToken);
}
