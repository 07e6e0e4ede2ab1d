using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Carries committed events from the outbox to the bus.</summary>
internal sealed partial class OutboxDispatcher(Outbox outbox, OutboxSignal signal, IBus bus, ILogger<OutboxDispatcher> logger) : BackgroundService
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
                if (await outbox.DispatchAsync(PublishAsync, (message, exception) => LogNotPublished(message.Type, message.Id, exception), stoppingToken) > 0)
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
        var type = EventTypes.TypeOf(message.Type);
        var body = JsonSerializer.Deserialize(message.Body, type, SpecJson.Canonical)!;
        // Without a bound, a publish was seen never to return after the broker had crashed.
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        bounded.CancelAfter(PublishTimeout);
        await bus.Publish(body, type, Pipe.Execute<PublishContext>(context =>
        {
            context.MessageId = message.Id;
            // Without a queue the broker drops an event silently. Inference replicas alone may all be away: at start
            // they read from the registry what to serve.
            if (type != typeof(ModelPromoted) && context.TryGetPayload<RabbitMqSendContext>(out var rabbit))
                rabbit.Mandatory = true;
        }), bounded.Token);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Type} {MessageId} was not published; it stays in the outbox")]
    private partial void LogNotPublished(string type, Guid messageId, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the outbox could not be dispatched; trying again")]
    private partial void LogDispatchFailed(Exception exception);
}
