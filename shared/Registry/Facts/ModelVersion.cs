using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;

namespace Mlops.Registry.Facts;

/// <summary>A model that can be served: an original, or a variant compressed from one. Never changes.</summary>
public sealed class ModelVersion
{
    /// <summary>The <see cref="Method"/> of a model that was trained, not compressed.</summary>
    public const string Original = "original";

    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The model's name.</summary>
    public required string Name { get; init; }

    /// <summary>1, 2, 3 … within the name; originals and variants share the numbers.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Length of the ONNX file.</summary>
    public required long Bytes { get; init; }

    /// <summary>What it takes and gives.</summary>
    public required ModelSignature Signature { get; init; }

    /// <summary><see cref="Original"/>, or the compression method that made it.</summary>
    public required string Method { get; init; }

    /// <summary>What it was compressed from; null for an original.</summary>
    public Guid? ParentId { get; init; }

    /// <summary>The pipeline run that made it; null when it was made elsewhere.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The recorded run that made it elsewhere; null when a pipeline run did.</summary>
    public Guid? ExternalRunId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ModelVersionMapping : IEntityTypeConfiguration<ModelVersion>
{
    public void Configure(EntityTypeBuilder<ModelVersion> entity)
    {
        entity.Property(version => version.Signature).HasConversion(JsonText.Converter<ModelSignature>());
        entity.HasIndex(version => new { version.Name, version.Version }).IsUnique();
        entity.HasIndex(version => new { version.PipelineRunId, version.Method }).IsUnique();
        entity.HasIndex(version => version.ExternalRunId).IsUnique();
        entity.HasIndex(version => version.Digest);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(version => version.ParentId).OnDelete(DeleteBehavior.Restrict);
        entity.HasOne<PipelineRun>().WithMany().HasForeignKey(version => version.PipelineRunId).OnDelete(DeleteBehavior.Restrict);
        entity.HasOne<ExternalRun>().WithMany().HasForeignKey(version => version.ExternalRunId).OnDelete(DeleteBehavior.Restrict);
    }
}
