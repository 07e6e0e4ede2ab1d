using MassTransit;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Compressor;

/// <summary>An original passed its gates: making its variants is queued.</summary>
internal sealed class AcceptCompression(RegistryStore registry, WorkQueue work) : IConsumer<ModelEvaluated>
{
    public Task Consume(ConsumeContext<ModelEvaluated> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var evaluated = context.Message;
        if (evaluated is { Passed: true, ParentModelVersionId: null })
            await work.EnqueueAsync(db, RunCompression.WorkKind, evaluated.PipelineRunId, evaluated.ModelVersionId, WorkerCapabilities.Cpu, token);
    });
}
