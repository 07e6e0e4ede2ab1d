using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts.Events;

namespace Mlops.Registry.Facts;

/// <summary>What a model version reached on the held-out test rows. Never changes.</summary>
public sealed class EvaluationReport
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The model version that was measured.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The run that it is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>SHA-256 of the full report (per class figures, confusion matrix), an artifact.</summary>
    public required string ReportDigest { get; init; }

    /// <summary>Test rows.</summary>
    public required long Rows { get; init; }

    /// <summary>By the names of <see cref="Contracts.MetricNames"/>.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>Whether every gate was met.</summary>
    public required bool Passed { get; init; }

    /// <summary>Each gate's verdict.</summary>
    public required IReadOnlyList<GateVerdict> Gates { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class EvaluationReportMapping : IEntityTypeConfiguration<EvaluationReport>
{
    public void Configure(EntityTypeBuilder<EvaluationReport> entity)
    {
        entity.Property(report => report.Metrics).HasConversion(JsonText.Converter<IReadOnlyDictionary<string, double>>());
        entity.Property(report => report.Gates).HasConversion(JsonText.Converter<IReadOnlyList<GateVerdict>>());
        entity.HasIndex(report => report.ModelVersionId).IsUnique();
        entity.HasIndex(report => report.PipelineRunId);
        entity.HasOne<ModelVersion>().WithMany().HasForeignKey(report => report.ModelVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
