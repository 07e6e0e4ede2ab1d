using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>An alias of a model's name was pointed to a version. The newest of an alias is what holds. Never changes.</summary>
public sealed class Promotion
{
    /// <summary>The alias that inference serves.</summary>
    public const string Champion = "champion";

    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>Such as <see cref="Champion"/>.</summary>
    public required string Alias { get; init; }

    /// <summary>1, 2, 3 … within name and alias; the highest holds.</summary>
    public required int Sequence { get; init; }

    /// <summary>The version.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The run that decided it by its spec; null when a person did. A run decides once.</summary>
    public Guid? DecidedByRunId { get; init; }

    /// <summary>Who decided, and why this version.</summary>
    public required string Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PromotionMapping : IEntityTypeConfiguration<Promotion>
{
    public void Configure(EntityTypeBuilder<Promotion> entity)
    {
        entity.HasIndex(promotion => new { promotion.ModelName, promotion.Alias, promotion.Sequence }).IsUnique();
        entity.HasIndex(promotion => promotion.DecidedByRunId).IsUnique();
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(promotion => promotion.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
