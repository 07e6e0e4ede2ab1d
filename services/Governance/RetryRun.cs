using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>What a retry set going.</summary>
/// <param name="Attempt">The run's attempt that goes on now.</param>
/// <param name="Requeued">Pieces of work that are tried again; done work is kept.</param>
/// <param name="Redriven">Messages that are sent to their consumers again.</param>
public sealed record RetryResponse(int Attempt, int Requeued, int Redriven);

/// <summary>Has a run that failed or was cancelled go on from where it ended: what is done stays done.</summary>
internal static class RetryRun
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/runs/{id}/retry", async (
                RegistryStore registry, WorkQueue work, DeadLetters letters, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var (runId, decision) = (RequestValues.Id("id", id), await Decision.ReadAsync(body, cancellationToken));
                return await registry.WriteAsync((db, token) => RetryAsync(db, registry, work, letters, runId, decision, token), cancellationToken);
            })
            .WithName(nameof(RetryRun)).WithTags("Runs").WithSummary("Has a failed or cancelled run go on, on a named person's decision")
            .Accepts<Decision>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<RetryResponse> RetryAsync(
        RegistryDbContext db, RegistryStore registry, WorkQueue work, DeadLetters letters, Guid runId, Decision decision, CancellationToken cancellationToken)
    {
        await Outcomes.HoldAsync(db, runId, cancellationToken);
        var outcome = Require(runId, (await PipelineStatus.ReadAsync(db, db.PipelineRuns.Where(run => run.Id == runId), cancellationToken)).SingleOrDefault());

        // 1. Whatever it was that ended the run is set going again.
        var requeued = await work.RequeueAsync(db, runId, cancellationToken);
        var waiting = await db.DeadLetters.AsNoTracking().Where(letter => letter.PipelineRunId == runId && letter.State == DeadLetterState.Waiting).ToListAsync(cancellationToken);
        foreach (var letter in waiting)
            letters.Redrive(db, letter, decision.Actor!, decision.Reason!);
        if (outcome.Kind != PipelineOutcome.Cancelled && requeued + waiting.Count == 0)
            throw new Fault(FaultKind.Conflict, "id", $"nothing of run {runId} can be tried again: {outcome.Kind} at {outcome.Stage}; a new run can be started");
        await Outbox.RedriveAsync(db, runId, cancellationToken);

        // 2. The outcome stays as a fact, set aside by another.
        var retry = new PipelineRetry { PipelineRunId = runId, Attempt = outcome.Attempt, Actor = decision.Actor!, Reason = decision.Reason!, CreatedAt = registry.Now() };
        db.Insert(retry);
        db.Audit(decision.Actor!, "pipeline.retried", runId, new { Attempt = outcome.Attempt + 1, requeued, Redriven = waiting.Count, decision.Reason });
        await db.SaveChangesAsync(cancellationToken);

        // 3. The events that would have it promoted may have come while it was cancelled.
        await ConsiderPromotion.ConsiderAsync(db, registry, runId, cancellationToken);
        return new RetryResponse(outcome.Attempt + 1, requeued, waiting.Count);
    }

    private static PipelineOutcome Require(Guid runId, PipelineStatus? status) => status switch
    {
        null => throw ShowRun.NotFound(runId),
        { Outcome: null } => throw new Fault(FaultKind.Conflict, "id", $"run {runId} goes on; only one that failed or was cancelled can be retried"),
        { Outcome.Served: true } => throw new Fault(FaultKind.Conflict, "id", $"the model of run {runId} is served; only a run that failed or was cancelled can be retried"),
        _ => status.Outcome,
    };
}
