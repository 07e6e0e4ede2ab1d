using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Trainer.Reproductions;

/// <summary>Somebody wants a training done again: it is queued for a worker that has the device it was done on.</summary>
internal sealed class AcceptReproduction(RegistryStore registry, WorkQueue work) : IConsumer<ReproductionRequested>
{
    public Task Consume(ConsumeContext<ReproductionRequested> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var requested = context.Message;
        var device = await db.TrainingRuns.Where(training => training.Id == requested.TrainingRunId).Select(training => training.Device).SingleAsync(token);
        await work.EnqueueAsync(db, ReproductionWork.Kind, requested.PipelineRunId, requested.ReproductionId, TrainingWork.RequirementOf(device), token);
    });
}
