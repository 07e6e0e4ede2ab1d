using MassTransit;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Evaluator;

/// <summary>A model version exists, trained, compressed or made elsewhere: its evaluation is queued.</summary>
internal sealed class AcceptEvaluation(RegistryStore registry, WorkQueue work) : IConsumer<TrainingCompleted>, IConsumer<ModelCompressed>, IConsumer<EvaluationRequested>
{
    public Task Consume(ConsumeContext<TrainingCompleted> context) =>
        registry.HandleOnceAsync(this, context, (db, token) => EnqueueAsync(db, context.Message.PipelineRunId, context.Message.ModelVersionId, token));

    public Task Consume(ConsumeContext<ModelCompressed> context) =>
        registry.HandleOnceAsync(this, context, (db, token) => EnqueueAsync(db, context.Message.PipelineRunId, context.Message.ModelVersionId, token));

    public Task Consume(ConsumeContext<EvaluationRequested> context) =>
        registry.HandleOnceAsync(this, context, (db, token) => EnqueueAsync(db, context.Message.PipelineRunId, context.Message.ModelVersionId, token));

    private Task EnqueueAsync(RegistryDbContext db, Guid runId, Guid modelVersionId, CancellationToken cancellationToken) =>
        work.EnqueueAsync(db, EvaluateModel.WorkKind, runId, modelVersionId, WorkerCapabilities.Cpu, cancellationToken);
}
