using Mlops.Artifacts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;
using Mlops.Scoring.Metrics;
using Mlops.Tabular;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>Trains one fold of a run's cross-validation, and keeps what it predicts for the rows that it was not trained on.</summary>
internal sealed class RunFold(RegistryStore registry, IArtifactStore artifacts, LeasedTraining training) : IWorkHandler
{
    public string Kind => FoldWork.Kind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var startedAt = registry.Now();
        using var fold = await FoldInputs.LoadAsync(registry, artifacts, work.Item.PipelineRunId, work.Item.SubjectId, training.Memory, cancellationToken);
        var checkpoints = training.CheckpointsOf(work);
        using var model = await training.TrainAsync(work, fold.Inputs, checkpoints, cancellationToken);

        var truth = new Table([.. fold.Inputs.Spec.Target.Select(target => fold.Inputs.Test[target])]);
        var predictions = OutOfFoldPredictions.Of(
            fold.Repeat, fold.Fold, fold.Inputs.Spec, model.Signature.Classes, fold.HeldOut, truth, model.Predict(fold.Inputs.Test));
        var stored = await artifacts.PutAsync(predictions.ToJson(), cancellationToken);
        await work.CompleteAsync((db, _) => Record(db, FactOf(work.Item.Id, fold, model, predictions, stored, startedAt), fold.Inputs), cancellationToken);
        await checkpoints.RemoveAsync();
    }

    private Fold FactOf(Guid id, FoldInputs fold, TrainedModel model, OutOfFoldPredictions predictions, StoredArtifact stored, DateTimeOffset startedAt) => new()
    {
        Id = id,
        PipelineRunId = fold.Inputs.Run.Id,
        Repeat = fold.Repeat,
        Number = fold.Fold,
        TrainRows = model.TrainRows,
        HeldOutRows = fold.Inputs.Test.Rows,
        Metrics = predictions.Metrics,
        PredictionsDigest = stored.Digest.ToString(),
        Epochs = model.Epochs,
        BestEpoch = model.Kept.Epoch,
        Device = model.Device,
        Backend = model.Backend,
        CodeVersion = CodeVersion.Current,
        Details = model.Describe(),
        StartedAt = startedAt,
        CreatedAt = registry.Now(),
    };

    private Task Record(RegistryDbContext db, Fold fold, TrainingRows inputs)
    {
        db.Insert(fold);
        db.Link(FactKind.Fold, fold.Id, "part-of", FactKind.PipelineRun, fold.PipelineRunId);
        db.Link(FactKind.Fold, fold.Id, "trained-on", FactKind.DatasetVersion, inputs.Dataset.Id);
        if (inputs.TunedBy is { } trial)
            db.Link(FactKind.Fold, fold.Id, "tuned-by", FactKind.Trial, trial);
        db.Audit("trainer", "fold.trained", fold.Id, new
        {
            fold.PipelineRunId,
            fold.Repeat,
            Fold = fold.Number,
            fold.PredictionsDigest,
            fold.Metrics,
            DatasetDigest = inputs.Dataset.Digest,
            fold.Backend,
            fold.CodeVersion,
            fold.Details,
        });
        db.Publish(new FoldCompleted
        {
            EventId = registry.NewId(),
            OccurredAt = fold.CreatedAt,
            PipelineRunId = fold.PipelineRunId,
            FoldId = fold.Id,
            Repeat = fold.Repeat,
            Fold = fold.Number,
            Metrics = fold.Metrics,
            PredictionsDigest = fold.PredictionsDigest,
        });
        return Task.CompletedTask;
    }
}
