using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>A run has ended: its model is served, or it failed somewhere. What is said first holds.</summary>
internal sealed class RecordOutcome(RegistryStore registry) : IConsumer<PipelineFailed>, IConsumer<ModelDeployed>
{
    public Task Consume(ConsumeContext<PipelineFailed> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var failed = context.Message;
        if (await HoldsAsync(db, failed, token))
            await RecordAsync(db, failed.PipelineRunId, served: false, failed.Stage, failed.Kind, failed.Reason, token);
    });

    public Task Consume(ConsumeContext<ModelDeployed> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var deployed = context.Message;
        // A version that is only tried ends no run; one that was made elsewhere ends the run that evaluated it, whoever promoted it.
        if (await db.Promotions.AnyAsync(promotion => promotion.ModelVersionId == deployed.ModelVersionId, token)
            && (deployed.PipelineRunId ?? await EvaluatedByAsync(db, deployed.ModelVersionId, token)) is { } run)
            await RecordAsync(db, run, deployed.Ready, "deploy-model", deployed.Ready ? null : "NotLoaded", deployed.Reason, token);
        if (deployed.Ready)
            await RecordSupersededAsync(db, deployed, token);
    });

    private static Task<Guid?> EvaluatedByAsync(RegistryDbContext db, Guid modelVersionId, CancellationToken cancellationToken) =>
        db.EvaluationReports.Where(report => report.ModelVersionId == modelVersionId).Select(report => (Guid?)report.PipelineRunId).SingleOrDefaultAsync(cancellationToken);

    /// <summary>An event may come late: what had failed when it was published may be tried again by now.</summary>
    private static async Task<bool> HoldsAsync(RegistryDbContext db, PipelineFailed failed, CancellationToken cancellationToken)
    {
        await Outcomes.HoldAsync(db, failed.PipelineRunId, cancellationToken);
        return (failed.WorkItemId is null || await db.WorkItems.AnyAsync(item => item.Id == failed.WorkItemId && item.State == WorkState.Failed, cancellationToken))
            && (failed.DeadLetterId is null || await db.DeadLetters.AnyAsync(letter => letter.Id == failed.DeadLetterId && letter.State == DeadLetterState.Waiting, cancellationToken));
    }

    /// <summary>Runs whose model was promoted but overtaken before a replica had loaded it will never be served.</summary>
    private async Task RecordSupersededAsync(RegistryDbContext db, ModelDeployed deployed, CancellationToken cancellationToken)
    {
        var promotions = db.Promotions.Where(promotion => promotion.ModelName == deployed.ModelName && promotion.Alias == Promotion.Champion);
        var newest = await promotions.Where(promotion => promotion.ModelVersionId == deployed.ModelVersionId)
            .MaxAsync(promotion => (int?)promotion.Sequence, cancellationToken);
        var overtaken = await promotions
            .Where(promotion => promotion.Sequence < newest && promotion.DecidedByRunId != null)
            .Where(promotion => !Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == promotion.DecidedByRunId))
            .Select(promotion => promotion.DecidedByRunId!.Value).ToListAsync(cancellationToken);
        foreach (var run in overtaken)
            await RecordAsync(db, run, served: false, "deploy-model", "Superseded",
                $"version {deployed.Version} was promoted before a replica had loaded this run's model", cancellationToken);
    }

    private async Task RecordAsync(RegistryDbContext db, Guid runId, bool served, string stage, string? kind, string? reason, CancellationToken cancellationToken)
    {
        if (await Outcomes.Of(db).AnyAsync(outcome => outcome.PipelineRunId == runId, cancellationToken))
            return;
        db.Insert(new PipelineOutcome
        {
            PipelineRunId = runId,
            Attempt = await Outcomes.AttemptAsync(db, runId, cancellationToken),
            Served = served,
            Stage = stage,
            Kind = kind,
            Reason = reason,
            CreatedAt = registry.Now(),
        });
        db.Audit("governance", served ? "pipeline.served" : "pipeline.failed", runId, new { stage, kind, reason });
    }
}
