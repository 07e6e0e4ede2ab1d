using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;

namespace Mlops.Registry.Facts;

/// <summary>What came of training, or compressing, again. Kept as text; the names never change.</summary>
public enum ReproductionVerdict
{
    /// <summary>Weights and preprocessing are the same, bit for bit.</summary>
    Identical,

    /// <summary>The models differ, their metrics by no more than is tolerated.</summary>
    Equivalent,

    /// <summary>The metrics differ by more than is tolerated.</summary>
    Different,

    /// <summary>There is nothing to compare: the data, the stored model or the training cannot be had again.</summary>
    Failed,
}

/// <summary>A metric of the stored model, and of the one that was trained again.</summary>
/// <param name="Stored">Of the stored model.</param>
/// <param name="Again">Of the other one.</param>
public sealed record ReproducedMetric(double Stored, double Again);

/// <summary>What came of compressing the original that was trained again, beside the variant that was stored.</summary>
/// <param name="Verdict">In a word.</param>
/// <param name="Reason">Why, in words.</param>
/// <param name="Digest">SHA-256 of the ONNX file that was made again, 64 hexadecimal digits; null where there is none.</param>
/// <param name="Metrics">Of both variants on the same held-out rows, by <see cref="MetricNames"/>; empty where they are identical or there is nothing to compare.</param>
/// <param name="IsOfStoredOriginal">Whether compressing the stored original gives the stored variant, bit for bit; null where that could not be tried.</param>
public sealed record VariantReproduction(
    ReproductionVerdict Verdict, string Reason, string? Digest, IReadOnlyDictionary<string, ReproducedMetric> Metrics, bool? IsOfStoredOriginal);

/// <summary>A training was done again and compared with the model that was stored. Never changes.</summary>
public sealed class Reproduction
{
    /// <summary>Primary key; that of the <see cref="ReproductionRequest"/>.</summary>
    public required Guid Id { get; init; }

    /// <summary>What came of it.</summary>
    public required ReproductionVerdict Verdict { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>SHA-256 of the ONNX file that was made again, 64 hexadecimal digits; null where there is none.</summary>
    public string? Digest { get; init; }

    /// <summary>The largest absolute difference between two weights; null where the models do not have the same weights to compare.</summary>
    public double? LargestDifference { get; init; }

    /// <summary>Of both models on the same held-out rows, by <see cref="MetricNames"/>; empty where they are identical or there is nothing to compare.</summary>
    public required IReadOnlyDictionary<string, ReproducedMetric> Metrics { get; init; }

    /// <summary>What came of the variant that was asked for; null where none was, or the build was too old to compress again.</summary>
    public VariantReproduction? Variant { get; init; }

    /// <summary>What computed it this time; null where nothing was trained.</summary>
    public string? Backend { get; init; }

    /// <summary>Version of the code that trained this time.</summary>
    public required string CodeVersion { get; init; }

    /// <summary>Architecture, environment and speed this time; null where nothing was trained.</summary>
    public TrainingDetails? Details { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ReproductionMapping : IEntityTypeConfiguration<Reproduction>
{
    public void Configure(EntityTypeBuilder<Reproduction> entity)
    {
        entity.Property(reproduction => reproduction.Id).ValueGeneratedNever();
        entity.Property(reproduction => reproduction.Verdict).HasConversion<string>();
        entity.Property(reproduction => reproduction.Metrics).HasConversion(JsonText.Converter<IReadOnlyDictionary<string, ReproducedMetric>>());
        entity.Property(reproduction => reproduction.Details).HasConversion(JsonText.Converter<TrainingDetails?>());
        entity.Property(reproduction => reproduction.Variant).HasConversion(JsonText.Converter<VariantReproduction?>());
        entity.HasOne<ReproductionRequest>().WithOne().HasForeignKey<Reproduction>(reproduction => reproduction.Id).OnDelete(DeleteBehavior.Restrict);
    }
}
