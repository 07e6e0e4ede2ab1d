using Mlops.Contracts.Events;
using Mlops.Governance.Rollouts;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;

namespace Mlops.Governance;

/// <summary>Points the champion alias to a model version: fact, lineage, audit entry and event together. A rollout of the model ends with it.</summary>
internal static class Promotions
{
    /// <param name="db">The transaction's context.</param>
    /// <param name="registry">Gives ids and the time.</param>
    /// <param name="version">What is to be served.</param>
    /// <param name="decidedByRunId">The run whose spec decided it; null when a person did.</param>
    /// <param name="actor">The service or person that decided.</param>
    /// <param name="reason">Why this version.</param>
    /// <param name="cancellationToken">Ends the wait for the database.</param>
    public static async Task<Promotion> AddAsync(
        RegistryDbContext db, RegistryStore registry, ModelVersion version, Guid? decidedByRunId, string actor, string reason, CancellationToken cancellationToken)
    {
        var promotion = new Promotion
        {
            Id = registry.NewId(),
            ModelName = version.Name,
            Alias = Promotion.Champion,
            Sequence = await VersionNumbers.NextPromotionAsync(db, version.Name, Promotion.Champion, cancellationToken),
            ModelVersionId = version.Id,
            DecidedByRunId = decidedByRunId,
            Reason = reason,
            CreatedAt = registry.Now(),
        };
        await RolloutSteps.EndAsync(db, registry, version, new Decision(actor, reason), cancellationToken);
        db.Insert(promotion);
        db.Link(FactKind.Promotion, promotion.Id, "promotes", FactKind.ModelVersion, version.Id);
        db.Audit(actor, "model.promoted", version.Id, new { version.Name, version.Version, version.Digest, promotion.Alias, promotion.Sequence, reason });
        db.Publish(new ModelPromoted
        {
            EventId = registry.NewId(),
            OccurredAt = promotion.CreatedAt,
            PipelineRunId = version.PipelineRunId,
            ModelName = version.Name,
            Alias = promotion.Alias,
            ModelVersionId = version.Id,
            Version = version.Version,
            Digest = version.Digest,
            Weight = 1,
        });
        return promotion;
    }
}
