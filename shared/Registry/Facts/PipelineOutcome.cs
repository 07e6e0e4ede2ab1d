using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>How an attempt of a pipeline run ended; at most one each. Never changes: what a retry gave is another outcome.</summary>
public sealed class PipelineOutcome
{
    /// <summary>The <see cref="Kind"/> of a run that a person cancelled.</summary>
    public const string Cancelled = "Cancelled";

    /// <summary>The run.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>1, and one more for each <see cref="PipelineRetry"/> before it.</summary>
    public required int Attempt { get; init; }

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
        entity.HasKey(outcome => new { outcome.PipelineRunId, outcome.Attempt });
        entity.HasOne<PipelineRun>().WithMany().HasForeignKey(outcome => outcome.PipelineRunId).OnDelete(DeleteBehavior.Restrict);
    }
}
