using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry.Facts;

namespace Mlops.Registry.Durability;

/// <summary>Hands out work under leases. A worker that dies loses its lease, and its later writes are refused.</summary>
public sealed class WorkQueue(RegistryStore registry)
{
    /// <summary>How long a worker has an item before it must renew.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds work in this transaction, unless that kind of work on that subject is there already. Work of a cancelled run is
    /// added as cancelled, so that a retry finds it.
    /// </summary>
    /// <param name="db">The transaction's context.</param>
    /// <param name="kind">Verb-noun, such as <c>train-model</c>.</param>
    /// <param name="pipelineRunId">The run that it is a part of.</param>
    /// <param name="subjectId">What is worked on.</param>
    /// <param name="requirement">What the worker must have: <c>cpu</c> or <c>cuda</c>.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public async Task EnqueueAsync(
        RegistryDbContext db, string kind, Guid pipelineRunId, Guid subjectId, string requirement, CancellationToken cancellationToken)
    {
        await Outcomes.HoldAsync(db, pipelineRunId, cancellationToken);
        var cancelled = await Outcomes.Of(db).AnyAsync(outcome => outcome.PipelineRunId == pipelineRunId && outcome.Kind == PipelineOutcome.Cancelled, cancellationToken);
        var (now, state) = (db.Stored(registry.Now()), $"{(cancelled ? WorkState.Cancelled : WorkState.Queued)}");
        await db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO work_items (id, kind, pipeline_run_id, subject_id, requirement, state, attempt, failures, due_at, created_at)
            VALUES ({registry.NewId()}, {kind}, {pipelineRunId}, {subjectId}, {requirement}, {state}, 0, 0, {now}, {now})
            ON CONFLICT (kind, subject_id) DO NOTHING
            """,
            cancellationToken);
        db.Enqueued.Add(kind);
        db.HasMovedRuns = true;
    }

    /// <summary>Sets aside, in this transaction, the work of a run that is not done. Workers that have some lose their lease.</summary>
    public async Task CancelAsync(RegistryDbContext db, Guid pipelineRunId, CancellationToken cancellationToken)
    {
        var now = registry.Now();
        await db.WorkItems.Where(item => item.PipelineRunId == pipelineRunId && (item.State == WorkState.Queued || item.State == WorkState.Leased))
            .ExecuteUpdateAsync(update => update
                .SetProperty(row => row.State, WorkState.Cancelled)
                .SetProperty(row => row.LeaseExpiresAt, (DateTimeOffset?)null)
                .SetProperty(row => row.FinishedAt, now), cancellationToken);
        db.HasMovedRuns = true;
    }

    /// <summary>Queues again, in this transaction, the work of a run that was given up or set aside; its failures are forgiven.</summary>
    /// <returns>How many pieces of work.</returns>
    public async Task<int> RequeueAsync(RegistryDbContext db, Guid pipelineRunId, CancellationToken cancellationToken)
    {
        var now = registry.Now();
        var given = db.WorkItems.Where(item => item.PipelineRunId == pipelineRunId && (item.State == WorkState.Failed || item.State == WorkState.Cancelled));
        foreach (var kind in await given.Select(item => item.Kind).Distinct().ToListAsync(cancellationToken))
            db.Enqueued.Add(kind);
        db.HasMovedRuns = true;
        return await given.ExecuteUpdateAsync(update => update
            .SetProperty(row => row.State, WorkState.Queued)
            .SetProperty(row => row.Failures, 0)
            .SetProperty(row => row.Error, (string?)null)
            .SetProperty(row => row.FinishedAt, (DateTimeOffset?)null)
            .SetProperty(row => row.DueAt, now), cancellationToken);
    }

    /// <summary>Notes in this transaction, which holds the item, how far it is.</summary>
    public static Task TellAsync(RegistryDbContext db, WorkItem item, TrainingProgress progress, CancellationToken cancellationToken) =>
        Held(db, item).ExecuteUpdateAsync(update => update.SetProperty(row => row.Progress, progress), cancellationToken);

    /// <summary>Notes in this transaction where the next attempt can go on, and extends the lease.</summary>
    /// <param name="db">The transaction's context.</param>
    /// <param name="item">The item.</param>
    /// <param name="checkpoint">SHA-256 of an artifact.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <exception cref="LeaseLostException">Somebody else has the item by now.</exception>
    public async Task CheckpointAsync(RegistryDbContext db, WorkItem item, string checkpoint, CancellationToken cancellationToken)
    {
        await HoldAsync(db, item, cancellationToken);
        await Held(db, item).ExecuteUpdateAsync(update => update.SetProperty(row => row.Checkpoint, checkpoint), cancellationToken);
    }

    /// <summary>
    /// Takes an item of the given kind: one whose lease has expired, else the queued one that waits longest; and of those
    /// that need what few workers have before others.
    /// </summary>
    /// <param name="kind">The kind of work that the worker does.</param>
    /// <param name="capabilities">What the worker has, the rarest last.</param>
    /// <param name="worker">Its name.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    /// <returns>Null when there is none.</returns>
    public Task<WorkItem?> ClaimAsync(string kind, IReadOnlyList<string> capabilities, string worker, CancellationToken cancellationToken) =>
        registry.ExecuteAsync(async (db, token) =>
        {
            var now = registry.Now();
            var rarestFirst = capabilities.Reverse().ToList();
            // Each looks into an index of its own, in its order, and none is asked once one has found something.
            var waiting = rarestFirst.SelectMany((_, index) => new[]
            {
                $"(SELECT id FROM work_items WHERE kind = {{3}} AND requirement = {{{4 + index}}} AND state = 'Leased' AND lease_expires_at < {{2}} ORDER BY lease_expires_at LIMIT 1 {db.SkipLocked})",
                $"(SELECT id FROM work_items WHERE kind = {{3}} AND requirement = {{{4 + index}}} AND state = 'Queued' AND due_at <= {{2}} ORDER BY due_at, id LIMIT 1 {db.SkipLocked})",
            });
            var claim =
                $$"""
                UPDATE work_items
                SET state = 'Leased', attempt = attempt + 1, worker = {0}, lease_expires_at = {1}, started_at = {2}, progress = NULL,
                    failures = failures + CASE state WHEN 'Leased' THEN 1 ELSE 0 END
                WHERE id = COALESCE({{string.Join(", ", waiting)}})
                RETURNING *
                """;
            object[] parameters = [worker, db.Stored(now + Lease), db.Stored(now), kind, .. rarestFirst];
            var claimed = await db.RowsAsync<WorkItem>(claim, parameters, token);
            db.HasMovedRuns = claimed.Count > 0;
            return claimed.SingleOrDefault();
        }, cancellationToken);

    /// <summary>Extends the lease.</summary>
    /// <returns>False when somebody else has the item by now.</returns>
    public Task<bool> RenewAsync(WorkItem item, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) => await TryHoldAsync(db, item, token), cancellationToken);

    /// <summary>
    /// Extends the lease in this transaction and holds the row until it ends, so that what else is written in it is
    /// written by the one who has the item.
    /// </summary>
    /// <exception cref="LeaseLostException">Somebody else has the item by now.</exception>
    public async Task HoldAsync(RegistryDbContext db, WorkItem item, CancellationToken cancellationToken)
    {
        if (!await TryHoldAsync(db, item, cancellationToken))
            throw new LeaseLostException(item);
    }

    /// <summary>Ends the item in this transaction, as done or as failed for good.</summary>
    /// <exception cref="LeaseLostException">Somebody else has the item by now.</exception>
    public async Task EndAsync(RegistryDbContext db, WorkItem item, string? error, CancellationToken cancellationToken)
    {
        var (now, state) = (registry.Now(), error is null ? WorkState.Done : WorkState.Failed);
        var ended = await Held(db, item).ExecuteUpdateAsync(update => update
            .SetProperty(row => row.State, state)
            .SetProperty(row => row.Error, error)
            .SetProperty(row => row.LeaseExpiresAt, (DateTimeOffset?)null)
            .SetProperty(row => row.FinishedAt, now), cancellationToken);
        if (ended == 0)
            throw new LeaseLostException(item);
        db.HasMovedRuns = true;
    }

    /// <summary>Gives the item back, to be taken again after <paramref name="delay"/>.</summary>
    /// <param name="item">The item.</param>
    /// <param name="error">What failed; null when nothing did, and then it does not count as a failure.</param>
    /// <param name="delay">Not to be taken before.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public Task ReleaseAsync(WorkItem item, string? error, TimeSpan delay, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            var (due, failures) = (registry.Now() + delay, item.Failures + (error is null ? 0 : 1));
            await Held(db, item).ExecuteUpdateAsync(update => update
                .SetProperty(row => row.State, WorkState.Queued)
                .SetProperty(row => row.Error, error)
                .SetProperty(row => row.Failures, failures)
                .SetProperty(row => row.LeaseExpiresAt, (DateTimeOffset?)null)
                .SetProperty(row => row.DueAt, due), token);
            db.HasMovedRuns = true;
        }, cancellationToken);

    /// <summary>
    /// Takes back every lease, when a process starts that has the database to itself: whoever had them is gone.
    /// </summary>
    public Task ReclaimAllAsync(CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            await db.WorkItems.Where(item => item.State == WorkState.Leased).ExecuteUpdateAsync(update => update
                .SetProperty(row => row.State, WorkState.Queued)
                .SetProperty(row => row.Failures, row => row.Failures + 1)
                .SetProperty(row => row.LeaseExpiresAt, (DateTimeOffset?)null), token);
        }, cancellationToken);

    private async Task<bool> TryHoldAsync(RegistryDbContext db, WorkItem item, CancellationToken cancellationToken)
    {
        var expires = registry.Now() + Lease;
        return await Held(db, item).ExecuteUpdateAsync(update => update.SetProperty(row => row.LeaseExpiresAt, expires), cancellationToken) == 1;
    }

    private static IQueryable<WorkItem> Held(RegistryDbContext db, WorkItem item) =>
        db.WorkItems.Where(row => row.Id == item.Id && row.Attempt == item.Attempt && row.State == WorkState.Leased);
}

/// <summary>The worker no longer has the item: its lease ran out and somebody else took it. What it wrote is rolled back.</summary>
public sealed class LeaseLostException(WorkItem item)
    : Exception($"{item.Kind} {item.Id}: attempt {item.Attempt} lost its lease")
{
}
