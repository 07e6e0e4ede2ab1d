using System.Linq.Expressions;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Rollouts;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Rollouts;

/// <summary>
/// A replica has seen more of a rollout, or could not load its candidate: a candidate that breaks an objective is rolled back, so
/// that the champion answers alone again.
/// </summary>
internal sealed class JudgeRollout(RegistryStore registry) : IConsumer<RolloutObserved>, IConsumer<ModelDeployed>
{
    public Task Consume(ConsumeContext<RolloutObserved> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var rolloutId = context.Message.RolloutId;
        if (await HoldAsync(db, rollout => rollout.Id == rolloutId, token) is not { } rollout)
            return;
        var sight = await RolloutSights.ReadAsync(db, rollout, registry.Now(), token);
        var broken = RolloutVerdict.Judge(rollout.Objectives, sight).Where(finding => finding.Broken).ToList();
        if (broken.Count > 0)
            await RollBackAsync(db, rollout, string.Join("; ", broken.Select(finding => $"{finding.Objective}: {finding.Reason}")), token);
    });

    public Task Consume(ConsumeContext<ModelDeployed> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var deployed = context.Message;
        if (!deployed.Ready && await HoldAsync(db, rollout => rollout.ModelVersionId == deployed.ModelVersionId, token) is { } rollout)
            await RollBackAsync(db, rollout, $"replica {deployed.Replica} could not load it: {deployed.Reason}", token);
    });

    /// <summary>A rollout that goes on, which nobody else moves until this transaction ends; null where there is none.</summary>
    private static async Task<Rollout?> HoldAsync(RegistryDbContext db, Expression<Func<Rollout, bool>> which, CancellationToken cancellationToken)
    {
        if (await ActiveRollouts.Of(db).AsNoTracking().SingleOrDefaultAsync(which, cancellationToken) is not { } rollout)
            return null;
        await ActiveRollouts.HoldAsync(db, rollout.ModelName, cancellationToken);
        return (await ActiveRollouts.LastStepAsync(db, rollout.Id, cancellationToken)).IsEnd ? null : rollout;
    }

    private async Task RollBackAsync(RegistryDbContext db, Rollout rollout, string reason, CancellationToken cancellationToken)
    {
        var candidate = await RolloutSteps.CandidateAsync(db, rollout, cancellationToken);
        await RolloutSteps.AddAsync(db, registry, rollout, candidate, RolloutStepKind.RolledBack, 0, new Decision("governance", reason), cancellationToken);
        db.Publish(new ModelRolledBack
        {
            EventId = registry.NewId(),
            OccurredAt = registry.Now(),
            PipelineRunId = candidate.PipelineRunId,
            RolloutId = rollout.Id,
            ModelName = rollout.ModelName,
            ModelVersionId = candidate.Id,
            Version = candidate.Version,
            Digest = candidate.Digest,
            ChampionVersionId = rollout.ChampionVersionId,
            Reason = reason,
        });
    }
}
