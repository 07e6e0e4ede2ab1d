using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Trainer;

/// <summary>
/// A fold is done: when the registry has all of the run, the training of the model that is served is queued. Whoever sees the
/// last ones first queues it; work that is there already is not added again.
/// </summary>
internal sealed class CollectFolds(RegistryStore registry, WorkQueue work) : IConsumer<FoldCompleted>
{
    public Task Consume(ConsumeContext<FoldCompleted> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        var run = await db.PipelineRuns.AsNoTracking().SingleAsync(run => run.Id == context.Message.PipelineRunId, token);
        var spec = PipelineSpec.Parse(run.Spec, run.Name);
        if (await FoldWork.DoneOf(db, run.Id).CountAsync(token) == spec.CrossValidation!.Parts)
            await TrainingWork.EnqueueModelAsync(db, work, run.Id, spec, token);
    });
}
