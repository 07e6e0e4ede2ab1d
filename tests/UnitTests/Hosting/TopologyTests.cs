using MassTransit;
using Microsoft.AspNetCore.Builder;
using Mlops.Compressor;
using Mlops.Evaluator;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Trainer;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Hosting;

/// <summary>Queue names are stable: a queue that is renamed leaves its messages behind.</summary>
public sealed class TopologyTests
{
    [Fact]
    public void Queues_Declared_AreWhatTheServicesConsume()
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddTrainer().AddEvaluator().AddCompressor().AddGovernance().AddInference();
        var names = new KebabCaseEndpointNameFormatter("mlops", includeNamespace: false);
        var consumed =
            from service in builder.Services
            where service.ServiceType == typeof(ConsumerRegistration)
            let registration = (ConsumerRegistration)service.ImplementationInstance!
            where !registration.PerReplica
            select (Queue: names.SanitizeName($"mlops-{QueueOf(registration.Consumer)}"), Events: EventsOf(registration.Consumer));

        consumed.OrderBy(queue => queue.Queue).Select(queue => $"{queue.Queue}: {queue.Events}")
            .ShouldBe(Topology.Queues.OrderBy(queue => queue.Name).Select(queue => $"{queue.Name}: {Names(queue.Events)}"));
    }

    [Fact]
    public void Readme_ListsEveryQueueAndItsEvents()
    {
        var readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));
        foreach (var queue in Topology.Queues)
            readme.ShouldContain($"| `{queue.Name}` | {string.Join(", ", queue.Events.Select(message => message.Name))} |");
    }

    private static string QueueOf(Type consumer) => KebabCaseEndpointNameFormatter.Instance.SanitizeName(consumer.Name);

    private static string EventsOf(Type consumer) => Names(consumer.GetInterfaces()
        .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConsumer<>))
        .Select(type => type.GetGenericArguments()[0]));

    private static string Names(IEnumerable<Type> events) => string.Join(", ", events.Select(type => type.Name).Order());
}
