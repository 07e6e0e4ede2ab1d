using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Durability;

/// <summary>What became of a <see cref="DeadLetter"/>. Kept as text; the names never change.</summary>
public enum DeadLetterState
{
    /// <summary>Waits for a person.</summary>
    Waiting,

    /// <summary>Was sent to its queue again.</summary>
    Redriven,

    /// <summary>A person said that it is not needed.</summary>
    Discarded,
}

/// <summary>A message that a consumer could not handle, taken from its error queue.</summary>
public sealed class DeadLetter
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The queue that it was consumed from.</summary>
    public required string Queue { get; init; }

    /// <summary>The message's id; empty where it had none.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>When the consumer gave up on it, as the error queue says; the same message may fail again.</summary>
    public required string FailedAt { get; init; }

    /// <summary>The event's name; empty where the message could not be read.</summary>
    public required string Type { get; init; }

    /// <summary>The run that the event speaks of, if it speaks of one.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>Why, in words.</summary>
    public required string Reason { get; init; }

    /// <summary>Where, as the consumer's stack trace; empty where there was none.</summary>
    public required string Detail { get; init; }

    /// <summary>How <see cref="Body"/> is to be read, such as <c>application/vnd.masstransit+json</c>.</summary>
    public required string ContentType { get; init; }

    /// <summary>The message as it was on the wire.</summary>
    public required byte[] Body { get; init; }

    /// <summary>What became of it.</summary>
    public required DeadLetterState State { get; set; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class DeadLetterMapping : IEntityTypeConfiguration<DeadLetter>
{
    public void Configure(EntityTypeBuilder<DeadLetter> entity)
    {
        entity.Property(letter => letter.State).HasConversion<string>();
        // A recorder that is killed before it acknowledged records the same failure again.
        entity.HasIndex(letter => new { letter.Queue, letter.MessageId, letter.FailedAt }).IsUnique();
        entity.HasIndex(letter => letter.PipelineRunId);
        entity.HasIndex(letter => letter.Id).HasFilter("state = 'Waiting'");
    }
}
