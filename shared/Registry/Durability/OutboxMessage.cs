using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Durability;

/// <summary>An event that was committed with its fact and waits to be published.</summary>
public sealed class OutboxMessage
{
    /// <summary>The event's id, and its message id on the bus.</summary>
    public required Guid Id { get; init; }

    /// <summary>See <see cref="EventTypes"/>.</summary>
    public required string Type { get; init; }

    /// <summary>The event as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>The run that the event speaks of, if it speaks of one.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The failed message that is sent to its queue again, instead of an event to all; then there is no body.</summary>
    public Guid? DeadLetterId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Not to be published before; moves on after a failed attempt.</summary>
    public required DateTimeOffset DueAt { get; set; }

    /// <summary>Publishes that failed.</summary>
    public int Attempts { get; set; }

    /// <summary>
    /// When it was handed to a bus that keeps nothing (the embedded default), which would lose it if the process were
    /// killed: it stays here until its run's model is served. On RabbitMQ a published row is deleted instead.
    /// </summary>
    public DateTimeOffset? PublishedAt { get; set; }
}

internal sealed class OutboxMessageMapping : IEntityTypeConfiguration<OutboxMessage>
{
    public void Configure(EntityTypeBuilder<OutboxMessage> entity) =>
        // In the order in which the dispatcher looks, so that it passes over what is deleted but once.
        entity.HasIndex(message => new { message.DueAt, message.Id }).HasFilter("published_at IS NULL");
}
