using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>A replica of the inference service loaded a model version, or could not. Never changes.</summary>
public sealed class Deployment
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The replica's name.</summary>
    public required string Replica { get; init; }

    /// <summary>The model version.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>Whether it was loaded and serves.</summary>
    public required bool Ready { get; init; }

    /// <summary>From the order to load until ready, in milliseconds.</summary>
    public required double LoadMilliseconds { get; init; }

    /// <summary>Why it could not be loaded; null when it serves.</summary>
    public string? Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class DeploymentMapping : IEntityTypeConfiguration<Deployment>
{
    public void Configure(EntityTypeBuilder<Deployment> entity)
    {
        entity.HasIndex(deployment => deployment.ModelVersionId);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(deployment => deployment.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
