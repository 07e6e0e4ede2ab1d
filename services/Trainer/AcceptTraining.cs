using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Trainer;

/// <summary>A run begins: its training is queued, or what comes first, trials of its search or folds of its cross-validation.</summary>
internal sealed class AcceptTraining(RegistryStore registry, WorkQueue work) : IConsumer<DatasetRegistered>, IConsumer<TrainingRequested>
{
    public Task Consume(ConsumeContext<DatasetRegistered> context) => registry.HandleOnceAsync(this, context, async (db, token) =>
    {
        // A data set may be registered without a spec; then there is nothing to train.
        if (context.Message.PipelineRunId is { } run)
            await EnqueueAsync(db, run, token);
    });

    public Task Consume(ConsumeContext<TrainingRequested> context) =>
        registry.HandleOnceAsync(this, context, (db, token) => EnqueueAsync(db, context.Message.PipelineRunId, token));

    private async Task EnqueueAsync(RegistryDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        var run = await db.PipelineRuns.AsNoTracking().SingleAsync(run => run.Id == runId, cancellationToken);
        await TrainingWork.EnqueueFirstAsync(db, work, runId, PipelineSpec.Parse(run.Spec, run.Name), cancellationToken);
    }
}
