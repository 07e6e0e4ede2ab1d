using MassTransit;
using Mlops.Contracts.Events;

namespace Mlops.Inference;

/// <summary>An alias or a rollout has moved: this replica serves what the registry says of that model now.</summary>
internal sealed class DeployModel(PromotedModels promoted) : IConsumer<ModelPromoted>, IConsumer<RolloutChanged>
{
    public Task Consume(ConsumeContext<ModelPromoted> context) => promoted.ServeAsync(context.Message.ModelName, context.CancellationToken);

    public Task Consume(ConsumeContext<RolloutChanged> context) => promoted.ServeAsync(context.Message.ModelName, context.CancellationToken);
}
