using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Durability;

/// <summary>An event that a consumer has handled, written in the transaction that handled it.</summary>
public sealed class InboxMessage
{
    /// <summary>The consumer.</summary>
    public required string Consumer { get; init; }

    /// <summary>The event's id.</summary>
    public required Guid MessageId { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset HandledAt { get; init; }
}

internal sealed class InboxMessageMapping : IEntityTypeConfiguration<InboxMessage>
{
    public void Configure(EntityTypeBuilder<InboxMessage> entity)
    {
        entity.HasKey(message => new { message.Consumer, message.MessageId });
        entity.HasIndex(message => message.HandledAt);
    }
}

/// <summary>Remembers which events were handled.</summary>
public static class Inbox
{
    /// <summary>
    /// Notes in this transaction that <paramref name="consumer"/> handles the event.
    /// Waits for another transaction that is handling the same event.
    /// </summary>
    /// <returns>False when it was handled before: then there is nothing left to do.</returns>
    public static async Task<bool> TryBeginAsync(RegistryDbContext db, string consumer, Guid messageId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        FormattableString insert =
            $"INSERT INTO inbox_messages (consumer, message_id, handled_at) VALUES ({consumer}, {messageId}, {db.Stored(now)}) ON CONFLICT DO NOTHING";
        return await db.Database.ExecuteSqlAsync(insert, cancellationToken) == 1;
    }
}
