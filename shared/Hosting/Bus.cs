using System.Data.Common;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

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
            bus.SetEndpointNameFormatter(new KebabCaseEndpointNameFormatter("mlops", includeNamespace: false));
            foreach (var registration in registrations)
            {
                var consumer = bus.AddConsumer(registration.Consumer);
                if (registration.PerReplica)
                    consumer.Endpoint(endpoint => (endpoint.InstanceId, endpoint.Temporary) = ($"-{replica.Id}", true));
            }
            bus.AddConfigureEndpointsCallback((_, name, endpoint) => Configure(endpoint, shared: !name.EndsWith(replica.Id, StringComparison.Ordinal)));
            if (options.Transport == BusTransport.RabbitMq)
                bus.UsingRabbitMq((context, rabbit) =>
                {
                    rabbit.Host(options.Host, (ushort)options.Port, options.VirtualHost, host =>
                    {
                        host.Username(options.Username);
                        host.Password(options.Password);
                    });
                    rabbit.ConfigureEndpoints(context);
                });
            else
                bus.UsingInMemory((context, memory) => memory.ConfigureEndpoints(context));
        });
        services.AddHostedService<OutboxDispatcher>();
    }

    private static void Configure(IReceiveEndpointConfigurator endpoint, bool shared)
    {
        if (shared && endpoint is IRabbitMqReceiveEndpointConfigurator queue)
            queue.SetQuorumQueue();
        // A database that is away, or a row that somebody else inserted first; anything else is an error at once.
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<DbException>(exception => exception.IsTransient);
            retry.Handle<DbUpdateException>();
            retry.Handle<TimeoutException>();
            retry.Exponential(8, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(200));
        });
    }
}
