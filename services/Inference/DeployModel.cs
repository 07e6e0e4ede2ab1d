using MassTransit;
using Mlops.Contracts.Events;

namespace Mlops.Inference;

/// <summary>An alias has moved: this replica serves what the registry says of that model now.</summary>
internal sealed class DeployModel(PromotedModels promoted) : IConsumer<ModelPromoted>
{
    public Task Consume(ConsumeContext<ModelPromoted> context) => promoted.ServeAsync(context.Message.ModelName, context.CancellationToken);
}
