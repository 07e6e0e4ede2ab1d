using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Trainer;

/// <summary>A run begins: its training is queued for a worker that has the device it needs.</summary>
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
        var device = PipelineSpec.Parse(run.Spec, run.Name).Training.Device;
        var requirement = device == Device.Cuda ? WorkerCapabilities.Cuda : WorkerCapabilities.Cpu;
        await work.EnqueueAsync(db, RunTraining.WorkKind, runId, runId, requirement, cancellationToken);
    }
}
