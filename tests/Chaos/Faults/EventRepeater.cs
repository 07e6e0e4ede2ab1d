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
    private static readonly TimeSpan LongestAway = TimeSpan.FromSeconds(90), Again = TimeSpan.FromSeconds(1);
    private readonly Dictionary<string, Event> _seen = [];
    private readonly List<Event> _inOrder = [];
    private readonly ConnectionFactory _broker;
    private readonly CancellationTokenSource _enough = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _listening;

    private EventRepeater(Uri broker)
    {
        // The client's own recovery declares the queue again at a time of its choosing, also after it was given up.
        _broker = new ConnectionFactory { Uri = broker, AutomaticRecoveryEnabled = false };
        _listening = ListenAsync(_enough.Token);
    }

    /// <summary>Begins to listen. The consumers' queues must be there, or the broker would take our queue for a consumer.</summary>
    public static async Task<EventRepeater> StartAsync(Uri broker)
    {
        var repeater = new EventRepeater(broker);
        await repeater._listens.Task.WaitAsync(LongestAway);
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
        await _enough.CancelAsync();
        await _listening;
        await OnChannelAsync(channel => channel.QueueDeleteAsync(Queue), "giving up the queue");
        _enough.Dispose();
    }

    /// <summary>On one connection after another: each fault of the broker ends one.</summary>
    private async Task ListenAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
            try
            {
                await using var connection = await _broker.CreateConnectionAsync(enough);
                await using var channel = await connection.CreateChannelAsync(cancellationToken: enough);
                var ended = new TaskCompletionSource();
                channel.ChannelShutdownAsync += (_, _) =>
                {
                    ended.TrySetResult();
                    return Task.CompletedTask;
                };
                await ConsumeAsync(channel);
                _listens.TrySetResult();
                await ended.Task.WaitAsync(enough);
            }
            catch (Exception exception) when (IsOfTheBroker(exception))
            {
                await Task.Delay(Again, CancellationToken.None);
            }
            catch (OperationCanceledException)
            {
                // The loop ends; or the client gave up waiting for the broker.
            }
    }

    private async Task ConsumeAsync(IChannel channel)
    {
        await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false);
        foreach (var type in EventTypes.All)
        {
            var exchange = $"{type.Namespace}:{type.Name}";
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true);
            await channel.QueueBindAsync(Queue, exchange, "");
        }
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivered) =>
        {
            Remember(new Event(delivered.Exchange, new BasicProperties(delivered.BasicProperties), delivered.Body.ToArray()));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(Queue, autoAck: true, consumer);
    }

    /// <summary>Tried until it is done: the broker is under faults too.</summary>
    private Task OnChannelAsync(Func<IChannel, Task> act, string what) => Servers.UntilAsync(async () =>
    {
        try
        {
            await using var connection = await _broker.CreateConnectionAsync();
            await using var channel = await connection.CreateChannelAsync();
            await act(channel);
            return true;
        }
        catch (Exception exception) when (IsOfTheBroker(exception))
        {
            return false;
        }
    }, LongestAway, what);

    private static bool IsOfTheBroker(Exception exception) =>
        exception is BrokerUnreachableException or AlreadyClosedException or OperationInterruptedException or IOException or TimeoutException;

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
