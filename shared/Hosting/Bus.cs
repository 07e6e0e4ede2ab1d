using System.Data.Common;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Fault = Mlops.Contracts.Fault;
using FaultKind = Mlops.Contracts.FaultKind;

namespace Mlops.Hosting;

/// <summary>Sets up MassTransit for the consumers that were registered; nothing outside this room configures it.</summary>
internal static class Bus
{
    /// <summary>Called last, when every consumer is registered.</summary>
    public static void AddBus(this IServiceCollection services, IConfiguration configuration, Replica replica)
    {
        services.AddOptions<BusOptions>().Bind(configuration.GetSection("Bus")).ValidateDataAnnotations().ValidateOnStart();
        var options = configuration.GetSection("Bus").Get<BusOptions>() ?? new BusOptions();
        List<ConsumerRegistration> registrations =
            [.. services.Where(service => service.ServiceType == typeof(ConsumerRegistration)).Select(service => (ConsumerRegistration)service.ImplementationInstance!)];
        services.Configure<MassTransitHostOptions>(host => host.WaitUntilStarted = options.Transport == BusTransport.InMemory);
        services.AddMassTransit(bus =>
        {
            // It would tell its makers which queues and consumers there are.
            bus.DisableUsageTelemetry();
            bus.SetEndpointNameFormatter(new KebabCaseEndpointNameFormatter("mlops", includeNamespace: false));
            foreach (var registration in registrations)
            {
                var consumer = bus.AddConsumer(registration.Consumer);
                if (registration.PerReplica)
                    consumer.Endpoint(endpoint => (endpoint.InstanceId, endpoint.Temporary) = ($"-{replica.Id}", true));
            }
            bus.AddConfigureEndpointsCallback((context, name, endpoint) => Configure(context, endpoint, name, shared: !name.EndsWith(replica.Id, StringComparison.Ordinal)));
            if (options.Transport == BusTransport.RabbitMq)
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    Connect(rabbit, options);
                    RecordDeadLetters(context, (queue, configure) => rabbit.ReceiveEndpoint(queue.ErrorQueue, endpoint =>
                    {
                        Topology.Durable(endpoint, queue);
                        configure(endpoint);
                    }));
                    rabbit.ConfigureEndpoints(context);
                });
            else
                bus.UsingInMemory((context, memory) =>
                {
                    RecordDeadLetters(context, (queue, configure) => memory.ReceiveEndpoint(queue.ErrorQueue, configure));
                    memory.ConfigureEndpoints(context);
                });
        });
        services.AddHostedService<OutboxDispatcher>();
        services.AddHostedService<ListenerLoop>();
    }

    public static void Connect(IRabbitMqBusFactoryConfigurator rabbit, BusOptions options) =>
        rabbit.Host(options.Host, (ushort)options.Port, options.VirtualHost, host =>
        {
            host.Username(options.Username);
            host.Password(options.Password);
        });

    private static void Configure(IRegistrationContext context, IReceiveEndpointConfigurator endpoint, string name, bool shared)
    {
        if (!shared)
            // The registry says what to serve; a failed hint is not worth a queue that outlives its replica.
            endpoint.DiscardFaultedMessages();
        else if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
            Topology.Durable(queue, Topology.Queues.Single(known => known.Name == name));
        // A message that no consumer of the queue takes is an error like any other.
        endpoint.ThrowOnSkippedMessages();
        // A database or an artifact store that is away: for twenty minutes, because the broker waits half an hour for an acknowledgement.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(IsTransient);
            retry.Exponential(120, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200));
        });
        // A row that somebody else inserted first; anything else is an error at once.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<DbUpdateException>(exception => !IsTransient(exception));
            retry.Interval(3, TimeSpan.FromMilliseconds(100));
        });
        endpoint.UseConsumeFilter(typeof(KnownContract<>), context);
    }

    private static bool IsTransient(Exception exception) => exception switch
    {
        DbException database => database.IsTransient,
        TimeoutException => true,
        Fault fault => fault.Kind == FaultKind.Unavailable,
        DbUpdateException or RetryLimitExceededException => exception.InnerException is { } inner && IsTransient(inner),
        _ => false,
    };

    private static void RecordDeadLetters(IRegistrationContext context, Action<EventQueue, Action<IReceiveEndpointConfigurator>> addEndpoint)
    {
        if (context.GetService<DeadLetterRecording>() is null)
            return;
        foreach (var queue in Topology.Queues)
            addEndpoint(queue, endpoint => endpoint.ConfigureReceive(pipe => pipe.UseFilter(context.GetRequiredService<DeadLetterRecorder>())));
    }
}
