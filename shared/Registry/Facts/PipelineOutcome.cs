using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>How a pipeline run ended; at most one each.</summary>
public sealed class PipelineOutcome
{
    /// <summary>The run; primary key.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>Whether a model of the run is served; otherwise it failed.</summary>
    public required bool Served { get; init; }

    /// <summary>Where it ended.</summary>
    public required string Stage { get; init; }

    /// <summary>The sort of failure; null when served.</summary>
    public string? Kind { get; init; }

    /// <summary>Why it failed, in words; null when served.</summary>
    public string? Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PipelineOutcomeMapping : IEntityTypeConfiguration<PipelineOutcome>
{
    public void Configure(EntityTypeBuilder<PipelineOutcome> entity)
    {
        entity.HasKey(outcome => outcome.PipelineRunId);
        entity.HasOne<PipelineRun>().WithOne().HasForeignKey<PipelineOutcome>(outcome => outcome.PipelineRunId).OnDelete(DeleteBehavior.Restrict);
    }
}
