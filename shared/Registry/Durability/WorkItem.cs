using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Mlops.Contracts;

namespace Mlops.Registry.Durability;

/// <summary>Where a piece of work stands. Kept as text; the names never change.</summary>
public enum WorkState
{
    /// <summary>Waits for a worker.</summary>
    Queued,

    /// <summary>A worker has it until its lease expires.</summary>
    Leased,

    /// <summary>Done, with its facts committed.</summary>
    Done,

    /// <summary>Given up, with the reason.</summary>
    Failed,

    /// <summary>Set aside, because a person cancelled its run; a retry takes it up again.</summary>
    Cancelled,
}

/// <summary>Long work, such as a training, that a worker takes under a lease.</summary>
public sealed class WorkItem
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>Verb-noun, such as <c>train-model</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The run that it is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>What is worked on; a kind of work is done once for a subject.</summary>
    public required Guid SubjectId { get; init; }

    /// <summary>What the worker must have: <c>cpu</c> or <c>cuda</c>.</summary>
    public required string Requirement { get; init; }

    /// <summary>Where it stands.</summary>
    public WorkState State { get; set; }

    /// <summary>How often it was taken. The fencing token: a write that names an older attempt is refused.</summary>
    public int Attempt { get; set; }

    /// <summary>Attempts that ended in an error or with a dead worker; too many, and the work is given up.</summary>
    public int Failures { get; set; }

    /// <summary>Who has it, or had it last.</summary>
    public string? Worker { get; set; }

    /// <summary>SHA-256 of the artifact from which the next attempt goes on; null where it begins anew.</summary>
    public string? Checkpoint { get; set; }

    /// <summary>How far the attempt is; null before it has told.</summary>
    public TrainingProgress? Progress { get; set; }

    /// <summary>UTC; after it, another worker may take a leased item.</summary>
    public DateTimeOffset? LeaseExpiresAt { get; set; }

    /// <summary>UTC; not to be taken before.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Why the last attempt failed.</summary>
    public string? Error { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>UTC; when the last attempt began.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>UTC; when it was done or given up.</summary>
    public DateTimeOffset? FinishedAt { get; set; }
}

internal sealed class WorkItemMapping : IEntityTypeConfiguration<WorkItem>
{
    public void Configure(EntityTypeBuilder<WorkItem> entity)
    {
        entity.Property(item => item.Progress).HasConversion(JsonText.Converter<TrainingProgress?>());
        entity.Property(item => item.State).HasConversion<string>();
        entity.HasIndex(item => new { item.Kind, item.SubjectId }).IsUnique();
        entity.HasIndex(item => item.PipelineRunId);
        // In the order in which a claim looks, so that it reads no more than it takes.
        entity.HasIndex(item => new { item.Kind, item.Requirement, item.DueAt, item.Id }).HasFilter("state = 'Queued'");
        entity.HasIndex(item => new { item.Kind, item.Requirement, item.LeaseExpiresAt }).HasFilter("state = 'Leased'");
        entity.HasIndex(item => item.Kind).HasFilter("state = 'Failed'");
    }
}
