using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Rollouts;
using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>Rollouts that go on, out of all that ever were.</summary>
public static class ActiveRollouts
{
    /// <summary>Those that have not ended; at most one of each model.</summary>
    public static IQueryable<Rollout> Of(RegistryDbContext db) => db.Rollouts.Where(rollout => !db.RolloutSteps.Any(step => step.RolloutId == rollout.Id
        && step.Kind != RolloutStepKind.Started && step.Kind != RolloutStepKind.Reweighted));

    /// <summary>The step that says how a rollout stands.</summary>
    public static Task<RolloutStep> LastStepAsync(RegistryDbContext db, Guid rolloutId, CancellationToken cancellationToken) =>
        db.RolloutSteps.AsNoTracking().Where(step => step.RolloutId == rolloutId).OrderByDescending(step => step.Sequence).FirstAsync(cancellationToken);

    /// <summary>Waits until nobody else promotes a version of the model or moves its rollout, until this transaction ends.</summary>
    public static Task HoldAsync(RegistryDbContext db, string modelName, CancellationToken cancellationToken) =>
        db.LockAsync(VersionNumbers.PromotionLock(modelName), cancellationToken);
}
