using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>
/// Trains one trial of a run's search, and records how it ended. Settings that cannot be trained, or that kill whoever tries, are a
/// result like another: the search goes on.
/// </summary>
internal sealed class RunTrial(RegistryStore registry, IArtifactStore artifacts, LeasedTraining training) : IWorkHandler
{
    public string Kind => TrialWork.Kind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var startedAt = registry.Now();
        var plan = await TrialPlan.LoadAsync(registry, work.Item, cancellationToken);
        using var inputs = await TrainingRows.LoadUntunedAsync(registry, artifacts, plan.Run.Id, training.Memory, cancellationToken);
        if (inputs.Validation.Rows == 0)
            throw Fault.Invalid("search", "not accepted while there are no validation rows, on which trials are compared");

        var checkpoints = training.CheckpointsOf(work);
        var end = await TrainAsync(work, plan, inputs, checkpoints, cancellationToken);
        await work.CompleteAsync((db, token) => RecordAsync(db, work.Item.Id, plan, end, startedAt, token), cancellationToken);
        await checkpoints.RemoveAsync();
    }

    public async Task<bool> TryGiveUpAsync(WorkContext work, string reason, CancellationToken cancellationToken)
    {
        var plan = await TrialPlan.LoadAsync(registry, work.Item, cancellationToken);
        var startedAt = work.Item.StartedAt ?? registry.Now();
        await work.CompleteAsync((db, token) => RecordAsync(db, work.Item.Id, plan, End.Failed(reason), startedAt, token), cancellationToken);
        await training.CheckpointsOf(work).RemoveAsync();
        return true;
    }

    private async Task<End> TrainAsync(WorkContext work, TrialPlan plan, TrainingRows inputs, TrainingCheckpoints checkpoints, CancellationToken cancellationToken)
    {
        try
        {
            var spec = inputs.Spec.With(plan.Settings);
            var rungs = new TrialRungs(work, plan.Search, cancellationToken);
            using var model = await training.TrainAsync(work, inputs with { Spec = spec, Together = null }, checkpoints, rungs.Of(spec), cancellationToken);
            return End.Of(model, TrialRungs.ObjectiveOf(plan.Search, model.Kept), rungs.IsPruned);
        }
        catch (Fault fault) when (fault.Kind is FaultKind.Invalid or FaultKind.TooLarge or FaultKind.Unsupported)
        {
            return End.Failed(fault.Message);
        }
    }

    private async Task RecordAsync(RegistryDbContext db, Guid id, TrialPlan plan, End end, DateTimeOffset startedAt, CancellationToken cancellationToken)
    {
        var points = db.MetricPoints.AsNoTracking().Where(point => point.TrainingRunId == id);
        var trial = new Trial
        {
            Id = id,
            PipelineRunId = plan.Run.Id,
            Number = plan.Number,
            Settings = plan.Settings,
            State = end.State,
            Reason = end.Reason,
            Objective = end.Objective,
            Epochs = end.Epochs ?? await points.MaxAsync(point => (int?)point.Step, cancellationToken) ?? 0,
            BestEpoch = end.BestEpoch,
            Rungs = await points.Where(point => point.Name == TrialWork.RungMetric).OrderBy(point => point.Step).Select(point => new RungValue(point.Step, point.Value)).ToListAsync(cancellationToken),
            Device = end.Device,
            Backend = end.Backend,
            CodeVersion = CodeVersion.Current,
            Details = end.Details,
            StartedAt = startedAt,
            CreatedAt = registry.Now(),
        };
        db.Insert(trial);
        db.Link(FactKind.Trial, trial.Id, "part-of", FactKind.PipelineRun, trial.PipelineRunId);
        db.Link(FactKind.Trial, trial.Id, "trained-on", FactKind.DatasetVersion, plan.Run.DatasetVersionId);
        db.Audit("trainer", "trial.ended", trial.Id, new
        {
            trial.PipelineRunId,
            Trial = trial.Number,
            trial.Settings,
            trial.State,
            trial.Reason,
            trial.Objective,
            trial.Epochs,
            trial.Rungs,
            trial.Backend,
            trial.CodeVersion,
            trial.Details,
        });
        db.Publish(new TrialCompleted
        {
            EventId = registry.NewId(),
            OccurredAt = trial.CreatedAt,
            PipelineRunId = trial.PipelineRunId,
            TrialId = trial.Id,
            Number = trial.Number,
            State = trial.State,
            Objective = trial.Objective,
        });
    }

    private sealed record End(TrialState State)
    {
        public string? Reason { get; init; }

        public double? Objective { get; init; }

        public int? Epochs { get; init; }

        public int? BestEpoch { get; init; }

        public string? Device { get; init; }

        public string? Backend { get; init; }

        public TrainingDetails? Details { get; init; }

        public static End Failed(string reason) => new(TrialState.Failed) { Reason = reason };

        public static End Of(TrainedModel model, double objective, bool isPruned) => new(isPruned ? TrialState.Pruned : TrialState.Completed)
        {
            Objective = objective,
            Epochs = model.Epochs,
            BestEpoch = model.Kept.Epoch,
            Device = model.Device,
            Backend = model.Backend,
            Details = model.Describe(),
        };
    }
}
