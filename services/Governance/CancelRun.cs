using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>Ends a run that goes on, or waits for a promotion. Its workers lose their leases, so that nothing more is written.</summary>
internal static class CancelRun
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/runs/{id}/cancel", async (RegistryStore registry, WorkQueue work, HttpRequest body, string id, CancellationToken cancellationToken) =>
            {
                var (runId, decision) = (RequestValues.Id("id", id), await Decision.ReadAsync(body, cancellationToken));
                return await registry.WriteAsync((db, token) => CancelAsync(db, registry, work, runId, decision, token), cancellationToken);
            })
            .WithName(nameof(CancelRun)).WithTags("Runs").WithSummary("Cancels a run that has not ended, on a named person's decision")
            .Accepts<Decision>("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound).ProducesProblem(StatusCodes.Status409Conflict);

    private static async Task<OutcomeSummary> CancelAsync(
        RegistryDbContext db, RegistryStore registry, WorkQueue work, Guid runId, Decision decision, CancellationToken cancellationToken)
    {
        await Outcomes.HoldAsync(db, runId, cancellationToken);
        var status = (await PipelineStatus.ReadAsync(db, db.PipelineRuns.Where(run => run.Id == runId), cancellationToken)).SingleOrDefault()
            ?? throw ShowRun.NotFound(runId);
        if (status.Outcome is { } ended)
            throw new Fault(FaultKind.Conflict, "id", $"run {runId} has ended ({ShowRun.StateOf(ended).ToString().ToLowerInvariant()}); only one that goes on can be cancelled");
        if (await db.Promotions.AnyAsync(promotion => promotion.DecidedByRunId == runId, cancellationToken))
            throw new Fault(FaultKind.Conflict, "id", $"run {runId} has promoted its model already; promote another version instead");
        await work.CancelAsync(db, runId, cancellationToken);
        var outcome = new PipelineOutcome
        {
            PipelineRunId = runId,
            Attempt = status.Attempt,
            Served = false,
            Stage = status.Stages is [.., var last] ? last.Kind : "start",
            Kind = PipelineOutcome.Cancelled,
            Reason = $"by {decision.Actor}: {decision.Reason}",
            CreatedAt = registry.Now(),
        };
        db.Insert(outcome);
        db.Audit(decision.Actor!, "pipeline.cancelled", runId, new { outcome.Attempt, outcome.Stage, decision.Reason });
        return ShowRun.OutcomeOf(outcome)!;
    }
}
