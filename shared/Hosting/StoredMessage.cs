using System.Net.Mime;
using MassTransit;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Stands for a message whose bytes are kept; its own type is not looked at.</summary>
internal sealed record Redelivery;

/// <summary>Writes kept bytes as they were, so that what is sent again is what failed.</summary>
internal sealed class StoredMessage(DeadLetter letter) : IMessageSerializer
{
    public ContentType ContentType { get; } = new(letter.ContentType);

    public MessageBody GetMessageBody<T>(SendContext<T> context)
        where T : class
        => new BytesMessageBody(letter.Body);
}
