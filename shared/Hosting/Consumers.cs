using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>A service's inbox: which consumers it has.</summary>
/// <param name="Consumer">The consumer's class; its name gives the queue's.</param>
/// <param name="PerReplica">Whether each replica hears every event, rather than all replicas sharing them.</param>
public sealed record ConsumerRegistration(Type Consumer, bool PerReplica);

/// <summary>Registers consumers and handles an event exactly once.</summary>
public static class Consumers
{
    /// <summary>Adds a consumer whose events the service's replicas share.</summary>
    public static IServiceCollection AddEventConsumer<TConsumer>(this IServiceCollection services)
        where TConsumer : class, IConsumer
        => services.AddSingleton(new ConsumerRegistration(typeof(TConsumer), PerReplica: false));

    /// <summary>Adds a consumer that hears every event in every replica, while the replica lives.</summary>
    public static IServiceCollection AddReplicaConsumer<TConsumer>(this IServiceCollection services)
        where TConsumer : class, IConsumer
        => services.AddSingleton(new ConsumerRegistration(typeof(TConsumer), PerReplica: true));

    /// <summary>
    /// Handles the event in one transaction with the note that it was handled; an event that comes again does nothing.
    /// </summary>
    /// <param name="registry">The registry.</param>
    /// <param name="consumer">The consumer that handles it.</param>
    /// <param name="context">The event.</param>
    /// <param name="handle">Milliseconds of reading and writing through the context it is given; long work is enqueued.</param>
    public static Task HandleOnceAsync<TEvent>(
        this RegistryStore registry, IConsumer<TEvent> consumer, ConsumeContext<TEvent> context, Func<RegistryDbContext, CancellationToken, Task> handle)
        where TEvent : class
        => registry.WriteAsync(async (db, token) =>
        {
            if (await Inbox.TryBeginAsync(db, consumer.GetType().Name, context.MessageId!.Value, registry.Now(), token))
                await handle(db, token);
        }, context.CancellationToken);
}
