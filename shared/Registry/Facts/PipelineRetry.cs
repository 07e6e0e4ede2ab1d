using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>A person had a run that had failed, or was cancelled, go on. Never changes.</summary>
public sealed class PipelineRetry
{
    /// <summary>The run.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The attempt whose outcome it sets aside: 1 for the first retry.</summary>
    public required int Attempt { get; init; }

    /// <summary>Who asked for it.</summary>
    public required string Actor { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class PipelineRetryMapping : IEntityTypeConfiguration<PipelineRetry>
{
    public void Configure(EntityTypeBuilder<PipelineRetry> entity)
    {
        entity.HasKey(retry => new { retry.PipelineRunId, retry.Attempt });
        // The outcome that it sets aside must be there: what goes on cannot be retried.
        entity.HasOne<PipelineOutcome>().WithOne().HasForeignKey<PipelineRetry>(retry => new { retry.PipelineRunId, retry.Attempt }).OnDelete(DeleteBehavior.Restrict);
    }
}
