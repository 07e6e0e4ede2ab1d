using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Rollouts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.Rollouts;

/// <summary>Moves a rollout by a step: fact, audit entry and event together.</summary>
internal static class RolloutSteps
{
    /// <param name="db">The transaction's context, which holds the model's promotions.</param>
    /// <param name="registry">Gives ids and the time.</param>
    /// <param name="rollout">One that has not ended.</param>
    /// <param name="candidate">Its version.</param>
    /// <param name="kind">What becomes of it.</param>
    /// <param name="weight">Share of the requests from now on.</param>
    /// <param name="decision">Who decided, and why.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public static async Task AddAsync(
        RegistryDbContext db, RegistryStore registry, Rollout rollout, ModelVersion candidate, RolloutStepKind kind, double weight, Decision decision, CancellationToken cancellationToken)
    {
        var last = await db.RolloutSteps.Where(step => step.RolloutId == rollout.Id).MaxAsync(step => (int?)step.Sequence, cancellationToken);
        var step = new RolloutStep
        {
            RolloutId = rollout.Id,
            Sequence = 1 + (last ?? 0),
            Kind = kind,
            Weight = weight,
            Actor = decision.Actor!,
            Reason = decision.Reason!,
            CreatedAt = registry.Now(),
        };
        db.Insert(step);
        db.Audit(step.Actor, $"rollout.{SpecJson.NameOf(kind)}", rollout.Id,
            new { rollout.ModelName, candidate.Version, candidate.Digest, rollout.ChampionVersionId, rollout.Mode, step.Sequence, step.Weight, step.Reason, Objectives = kind == RolloutStepKind.Started ? rollout.Objectives : null });
        db.Publish(new RolloutChanged
        {
            EventId = registry.NewId(),
            OccurredAt = step.CreatedAt,
            PipelineRunId = candidate.PipelineRunId,
            RolloutId = rollout.Id,
            ModelName = rollout.ModelName,
            ModelVersionId = candidate.Id,
            Version = candidate.Version,
            Digest = candidate.Digest,
            Mode = rollout.Mode,
            Step = kind,
            Weight = weight,
            Actor = step.Actor,
            Reason = step.Reason,
        });
    }

    /// <summary>The rollout that a route names, with its candidate; this transaction holds its model's promotions.</summary>
    /// <exception cref="Fault">NotFound; or Conflict: it has ended.</exception>
    public static async Task<(Rollout Rollout, ModelVersion Candidate)> FindUnderWayAsync(RegistryDbContext db, string id, CancellationToken cancellationToken)
    {
        var rollout = await FindAsync(db, id, cancellationToken);
        await ActiveRollouts.HoldAsync(db, rollout.ModelName, cancellationToken);
        var last = await ActiveRollouts.LastStepAsync(db, rollout.Id, cancellationToken);
        return last.IsEnd
            ? throw new Fault(FaultKind.Conflict, "id", $"rollout {rollout.Id} has ended ({SpecJson.NameOf(last.Kind)}); only one that goes on can be moved")
            : (rollout, await CandidateAsync(db, rollout, cancellationToken));
    }

    /// <summary>The version that a rollout tries.</summary>
    public static Task<ModelVersion> CandidateAsync(RegistryDbContext db, Rollout rollout, CancellationToken cancellationToken) =>
        db.ModelVersions.AsNoTracking().SingleAsync(row => row.Id == rollout.ModelVersionId, cancellationToken);

    /// <summary>The rollout that a route names.</summary>
    /// <exception cref="Fault">NotFound.</exception>
    public static async Task<Rollout> FindAsync(RegistryDbContext db, string id, CancellationToken cancellationToken)
    {
        var rolloutId = RequestValues.Id("id", id);
        return await db.Rollouts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == rolloutId, cancellationToken) ?? throw Fault.NotFound("id", $"there is no rollout {rolloutId}");
    }

    /// <summary>Ends a model's rollout because a version takes the name over: its own, or another.</summary>
    public static async Task EndAsync(RegistryDbContext db, RegistryStore registry, ModelVersion promoted, Decision decision, CancellationToken cancellationToken)
    {
        if (await ActiveRollouts.Of(db).AsNoTracking().SingleOrDefaultAsync(row => row.ModelName == promoted.Name, cancellationToken) is not { } rollout)
            return;
        var isOwn = rollout.ModelVersionId == promoted.Id;
        var candidate = isOwn ? promoted : await CandidateAsync(db, rollout, cancellationToken);
        await AddAsync(db, registry, rollout, candidate, isOwn ? RolloutStepKind.Finished : RolloutStepKind.Stopped, isOwn ? 1 : 0,
            isOwn ? decision : decision with { Reason = $"version {promoted.Version} was promoted: {decision.Reason}" }, cancellationToken);
    }
}
