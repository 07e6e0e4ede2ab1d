using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>All variants of a model version were made and measured beside it. Never changes.</summary>
public sealed class Compression
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The original.</summary>
    public required Guid ParentModelVersionId { get; init; }

    /// <summary>The run that it is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The original and each variant, measured side by side in one run.</summary>
    public required IReadOnlyList<LatencyMeasurement> Measurements { get; init; }

    /// <summary>Methods that gave no variant.</summary>
    public required IReadOnlyList<SkippedMethod> Skipped { get; init; }

    /// <summary>What computed it; null where an older build did, which kept no record.</summary>
    public string? Backend { get; init; }

    /// <summary>Version of the code that compressed; null where an older build did, which kept no record.</summary>
    public string? CodeVersion { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

/// <summary>A method that a model cannot be compressed by.</summary>
/// <param name="Method">The method.</param>
/// <param name="Reason">Why not, in words.</param>
public sealed record SkippedMethod(string Method, string Reason);

/// <summary>How long one row takes.</summary>
/// <param name="ModelVersionId">The model version.</param>
/// <param name="MedianMicroseconds">Median of single-row calls, in microseconds.</param>
/// <param name="P95Microseconds">95th percentile of single-row calls, in microseconds.</param>
public sealed record LatencyMeasurement(Guid ModelVersionId, double MedianMicroseconds, double P95Microseconds);

internal sealed class CompressionMapping : IEntityTypeConfiguration<Compression>
{
    public void Configure(EntityTypeBuilder<Compression> entity)
    {
        entity.Property(compression => compression.Measurements).HasConversion(JsonText.Converter<IReadOnlyList<LatencyMeasurement>>());
        entity.Property(compression => compression.Skipped).HasConversion(JsonText.Converter<IReadOnlyList<SkippedMethod>>());
        entity.HasIndex(compression => compression.ParentModelVersionId).IsUnique();
        entity.HasIndex(compression => compression.PipelineRunId);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(compression => compression.ParentModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
