using MassTransit;
using Mlops.Contracts.Events;
using Fault = Mlops.Contracts.Fault;
using FaultKind = Mlops.Contracts.FaultKind;

namespace Mlops.Hosting;

/// <summary>A queue that all replicas of a consumer share, and the events that it is bound to.</summary>
/// <param name="Name">Stable: a queue that is renamed leaves its messages behind.</param>
/// <param name="Events">Events of the contracts.</param>
public sealed record EventQueue(string Name, IReadOnlyList<Type> Events)
{
    /// <summary>Where messages go that its consumer cannot handle.</summary>
    public string ErrorQueue => $"{Name}_error";
}

/// <summary>
/// The durable queues of the platform. They are declared as a deploy step, so that an event is kept for a consumer that
/// has never run yet. Inference replicas have a temporary queue each besides, and read the registry when they start.
/// </summary>
public static class Topology
{
    /// <summary>Deliveries of one message after which it goes to the error queue: each ended with its consumer's death.</summary>
    internal const int DeliveryLimit = 20;

    /// <summary>Every durable queue.</summary>
    public static IReadOnlyList<EventQueue> Queues { get; } =
    [
        new("mlops-accept-training", [typeof(DatasetRegistered), typeof(TrainingRequested)]),
        new("mlops-collect-folds", [typeof(FoldCompleted)]),
        new("mlops-accept-reproduction", [typeof(ReproductionRequested)]),
        new("mlops-collect-trials", [typeof(TrialCompleted)]),
        new("mlops-accept-evaluation", [typeof(TrainingCompleted), typeof(ModelCompressed), typeof(EvaluationRequested)]),
        new("mlops-accept-compression", [typeof(ModelEvaluated)]),
        new("mlops-consider-promotion", [typeof(ModelEvaluated), typeof(CompressionCompleted)]),
        new("mlops-judge-rollout", [typeof(RolloutObserved), typeof(ModelDeployed)]),
        new("mlops-record-outcome", [typeof(PipelineFailed), typeof(ModelDeployed)]),
    ];

    /// <summary>
    /// Whether a durable queue waits for the event. Others are for who listens now: inference replicas read from the registry
    /// at start what to serve, and runs from elsewhere are told to whoever outside the platform wants to know.
    /// </summary>
    public static bool IsAwaited(Type message) => Queues.Any(queue => queue.Events.Contains(message));

    /// <summary>Declares queues, exchanges and bindings on the broker; what is there already stays.</summary>
    /// <exception cref="Fault">Unavailable: the broker cannot be reached.</exception>
    public static async Task DeployAsync(BusOptions options, CancellationToken cancellationToken)
    {
        var bus = MassTransit.Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            Bus.Connect(rabbit, options);
            rabbit.DeployTopologyOnly = true;
            foreach (var queue in Queues)
            {
                rabbit.ReceiveEndpoint(queue.Name, endpoint =>
                {
                    Durable(endpoint, queue);
                    foreach (var message in queue.Events)
                        endpoint.Bind(MessageExchange(message), binding => binding.Durable = true);
                });
                rabbit.ReceiveEndpoint(queue.ErrorQueue, endpoint => Durable(endpoint, queue));
            }
        });
        try
        {
            await bus.DeployAsync(cancellationToken);
        }
        catch (RabbitMqConnectionException exception)
        {
            throw new Fault(FaultKind.Unavailable, "Bus:Host", $"no RabbitMQ answers at {options.Host}:{options.Port}: {exception.Message}");
        }
    }

    /// <summary>
    /// A replicated queue whose messages end in the error queue, never nowhere. The error queue itself has the same
    /// settings, because the bus declares it so.
    /// </summary>
    internal static void Durable(IRabbitMqReceiveEndpointConfigurator endpoint, EventQueue queue)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
        endpoint.SetQueueArgument("x-dead-letter-exchange", queue.ErrorQueue);
    }

    private static string MessageExchange(Type message) => $"{message.Namespace}:{message.Name}";
}
