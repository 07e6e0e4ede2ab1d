using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>A person asked for a training to be done again, to prove that it gives the model that was stored. Never changes.</summary>
public sealed class ReproductionRequest
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The run that trained.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The training.</summary>
    public required Guid TrainingRunId { get; init; }

    /// <summary>The model version that came of it.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The variant compressed from that version which is asked for, so that its compression is done again too; null where the original is.</summary>
    public Guid? VariantId { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string Actor { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ReproductionRequestMapping : IEntityTypeConfiguration<ReproductionRequest>
{
    public void Configure(EntityTypeBuilder<ReproductionRequest> entity)
    {
        entity.HasIndex(request => request.PipelineRunId);
        entity.HasIndex(request => request.ModelVersionId);
        entity.HasOne<TrainingRun>().WithMany().HasForeignKey(request => request.TrainingRunId).OnDelete(DeleteBehavior.Restrict);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(request => request.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(request => request.VariantId).OnDelete(DeleteBehavior.Restrict);
    }
}
