using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Carries committed events from the outbox to the bus.</summary>
internal sealed partial class OutboxDispatcher(Outbox outbox, OutboxSignal signal, RegistryStore registry, IBusControl bus, ILogger<OutboxDispatcher> logger) : BackgroundService
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signal.Next;
            try
            {
                // While the broker is away nothing is taken up: it would only be put back, later and later.
                if (bus.CheckHealth().Status != BusHealthStatus.Unhealthy
                    && await outbox.DispatchAsync(PublishAsync, (message, exception) => LogNotPublished(message.Type, message.Id, exception), stoppingToken) == Outbox.BatchSize)
                    continue;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The loop's edge: the database may be away for a while, and the loop must outlive that.
                LogDispatchFailed(exception);
            }
            await Task.WhenAny(next, Task.Delay(PollInterval, stoppingToken));
        }
    }

    private async Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        // Without a bound, a publish was seen never to return after the broker had crashed.
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(PublishTimeout);
        if (message.DeadLetterId is { } letter)
            await SendAgainAsync(letter, bounded.Token);
        else
            await PublishEventAsync(message, bounded.Token);
    }

    private async Task SendAgainAsync(Guid letterId, CancellationToken cancellationToken)
    {
        var letter = await registry.ReadAsync((db, token) => db.DeadLetters.SingleAsync(row => row.Id == letterId, token), cancellationToken);
        var queue = await bus.GetSendEndpoint(new Uri($"exchange:{letter.Queue}"));
        await queue.Send(new Redelivery(), Pipe.Execute<SendContext>(context =>
        {
            context.MessageId = letter.MessageId;
            context.Serializer = new StoredMessage(letter);
        }), cancellationToken);
    }

    private async Task PublishEventAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        var type = EventTypes.TypeOf(message.Type);
        var body = JsonSerializer.Deserialize(message.Body, type, SpecJson.Canonical)!;
        await bus.Publish(body, type, Pipe.Execute<PublishContext>(context =>
        {
            context.MessageId = message.Id;
            // Without a queue the broker drops an event silently; one that a service must hear is not dropped.
            if (Topology.IsAwaited(type) && context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                rabbit.Mandatory = true;
        }), cancellationToken);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type} {MessageId} was not published; it stays in the outbox")]
    private partial void LogNotPublished(string type, Guid messageId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the outbox could not be dispatched; trying again")]
    private partial void LogDispatchFailed(Exception exception);
}
