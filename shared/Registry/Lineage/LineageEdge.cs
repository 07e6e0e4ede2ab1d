using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Lineage;

/// <summary>What stands at an end of a <see cref="LineageEdge"/>.</summary>
public enum FactKind
{
    /// <summary><see cref="Facts.DatasetVersion"/>.</summary>
    DatasetVersion,

    /// <summary><see cref="Facts.PipelineRun"/>.</summary>
    PipelineRun,

    /// <summary><see cref="Facts.TrainingRun"/>.</summary>
    TrainingRun,

    /// <summary><see cref="Facts.ModelVersion"/>.</summary>
    ModelVersion,

    /// <summary><see cref="Facts.EvaluationReport"/>.</summary>
    EvaluationReport,

    /// <summary><see cref="Facts.Promotion"/>.</summary>
    Promotion,

    /// <summary><see cref="Facts.Deployment"/>.</summary>
    Deployment,

    /// <summary><see cref="Facts.ExternalRun"/>.</summary>
    ExternalRun,

    /// <summary><see cref="Facts.Rollout"/>.</summary>
    Rollout,

    /// <summary><see cref="Facts.Fold"/>.</summary>
    Fold,

    /// <summary><see cref="Facts.Reproduction"/>.</summary>
    Reproduction,

    /// <summary><see cref="Facts.Trial"/>.</summary>
    Trial,
}

/// <summary>A child that came from a parent. Edges run from what was made to what it was made from.</summary>
public sealed class LineageEdge
{
    /// <summary>What was made.</summary>
    public required FactKind ChildKind { get; init; }

    /// <summary>Its id.</summary>
    public required Guid ChildId { get; init; }

    /// <summary>How, such as <c>trained-on</c>.</summary>
    public required string Relation { get; init; }

    /// <summary>What it was made from.</summary>
    public required FactKind ParentKind { get; init; }

    /// <summary>Its id.</summary>
    public required Guid ParentId { get; init; }
}

internal sealed class LineageEdgeMapping : IEntityTypeConfiguration<LineageEdge>
{
    public void Configure(EntityTypeBuilder<LineageEdge> entity)
    {
        entity.HasKey(edge => new { edge.ChildId, edge.ParentId, edge.Relation });
        entity.HasIndex(edge => edge.ParentId);
        entity.Property(edge => edge.ChildKind).HasConversion<string>();
        entity.Property(edge => edge.ParentKind).HasConversion<string>();
    }
}
