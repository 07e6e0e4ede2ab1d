using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>One run of a pipeline spec on a data set version. Never changes; how it ended is a <see cref="PipelineOutcome"/>.</summary>
public sealed class PipelineRun
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name of the pipeline and of the model that it makes.</summary>
    public required string Name { get; init; }

    /// <summary>What it runs on.</summary>
    public required Guid DatasetVersionId { get; init; }

    /// <summary>The spec's canonical JSON, every default written out.</summary>
    public required string Spec { get; init; }

    /// <summary>SHA-256 of <see cref="Spec"/>, 64 hexadecimal digits.</summary>
    public required string SpecDigest { get; init; }

    /// <summary>SHA-256 of the artifact that says for each row in which part of the split it is.</summary>
    public required string SplitDigest { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PipelineRunMapping : IEntityTypeConfiguration<PipelineRun>
{
    public void Configure(EntityTypeBuilder<PipelineRun> entity)
    {
        entity.HasIndex(run => run.CreatedAt);
        entity.HasOne<DatasetVersion>().WithMany().HasForeignKey(run => run.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
