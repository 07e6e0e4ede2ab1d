using Mlops.Registry;
using Mlops.Testing;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace Mlops.Chaos.Faults;

/// <summary>
/// Listens to every event on a queue of its own, and publishes some of them once more: the same bytes, the same message
/// id, in another order. It talks to the broker itself, not through the proxy.
/// </summary>
internal sealed class EventRepeater : IAsyncDisposable
{
    private const string Queue = "chaos-recorder";
    private const int Newest = 30, Older = 30;
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(90);
    private readonly Dictionary<string, Event> _seen = [];
    private readonly List<Event> _inOrder = [];
    private readonly IConnection _connection;
    private readonly IChannel _listening;

    private EventRepeater(IConnection connection, IChannel listening) => (_connection, _listening) = (connection, listening);

    /// <summary>Begins to listen. The consumers' queues must be there, or the broker would take our queue for a consumer.</summary>
    public static async Task<EventRepeater> StartAsync(Uri broker)
    {
        var factory = new ConnectionFactory { Uri = broker, NetworkRecoveryInterval = TimeSpan.FromSeconds(1) };
        var connection = await factory.CreateConnectionAsync();
        var repeater = new EventRepeater(connection, await connection.CreateChannelAsync());
        await repeater.ListenAsync();
        return repeater;
    }

    /// <summary>Publishes again, in random order: a part of what came last, and a part of what came before.</summary>
    public async Task<string> RepeatAsync(int seed, CancellationToken cancellationToken)
    {
        var events = Choose(new Random(seed));
        await OnChannelAsync(async channel =>
        {
            foreach (var again in events)
                await channel.BasicPublishAsync(again.Exchange, "", mandatory: false, again.Properties, again.Body, cancellationToken);
        }, "repeating events");
        return $"{events.Length} events repeated";
    }

    /// <summary>Stops listening and takes its queue away, so that the broker's queues are the platform's alone.</summary>
    public async ValueTask DisposeAsync()
    {
        await OnChannelAsync(channel => channel.QueueDeleteAsync(Queue), "giving up the queue");
        await _listening.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task ListenAsync()
    {
        await _listening.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);
        foreach (var type in EventTypes.All)
        {
            var exchange = $"{type.Namespace}:{type.Name}";
            await _listening.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await _listening.QueueBindAsync(Queue, exchange, "");
        }
        var consumer = new AsyncEventingBasicConsumer(_listening);
        consumer.ReceivedAsync += (_, delivered) =>
        {
            Remember(new Event(delivered.Exchange, new BasicProperties(delivered.BasicProperties), delivered.Body.ToArray()));
            return Task.CompletedTask;
        };
        await _listening.BasicConsumeAsync(Queue, autoAck: true, consumer);
    }

    /// <summary>Tried until it is done: the broker is under faults too.</summary>
    private Task OnChannelAsync(Func<IChannel, Task> act, string what) => Servers.UntilAsync(async () =>
    {
        try
        {
            await using var channel = await _connection.CreateChannelAsync();
            await act(channel);
            return true;
        }
        catch (Exception exception) when (exception is AlreadyClosedException or OperationInterruptedException)
        {
            return false;
        }
    }, LongestAway, what);

    private void Remember(Event @event)
    {
        lock (_seen)
            if (_seen.TryAdd(@event.Properties.MessageId ?? "", @event))
                _inOrder.Add(@event);
    }

    private Event[] Choose(Random random)
    {
        Event[] seen;
        lock (_seen)
            seen = [.. _inOrder];
        var newest = seen.TakeLast(Newest).Where(_ => random.Next(2) == 0).ToArray();
        Event[] chosen = [.. newest, .. seen.SkipLast(Newest).OrderBy(_ => random.Next()).Take(Older)];
        random.Shuffle(chosen);
        return chosen;
    }

    private sealed record Event(string Exchange, BasicProperties Properties, byte[] Body);
}
