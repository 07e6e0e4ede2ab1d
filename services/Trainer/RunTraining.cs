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

/// <summary>Trains a run's model, exports it to ONNX, proves that the export computes the same, and records what came out.</summary>
internal sealed class RunTraining(RegistryStore registry, IArtifactStore artifacts, LeasedTraining training) : IWorkHandler
{
    public string Kind => ModelWork.Kind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var startedAt = registry.Now();
        using var inputs = await TrainingRows.LoadAsync(registry, artifacts, work.Item.PipelineRunId, training.Memory, cancellationToken);

        // 1. Train, telling every epoch.
        var checkpoints = training.CheckpointsOf(work);
        using var model = await training.TrainAsync(work, inputs, checkpoints, cancellationToken);

        // 2. What is served must be what was trained.
        var onnx = model.ToOnnx();
        var parity = Parity.Require(model, onnx, inputs);
        var stored = await artifacts.PutAsync(Parity.Certify(model, onnx).Bytes, cancellationToken);

        // 3. Facts, lineage, audit and event in one.
        var result = new Result(model, stored, parity, startedAt);
        await work.CompleteAsync((db, token) => RecordAsync(db, work.Item.Id, inputs, result, token), cancellationToken);
        await checkpoints.RemoveAsync();
    }

    private async Task RecordAsync(RegistryDbContext db, Guid trainingRunId, TrainingRows inputs, Result result, CancellationToken cancellationToken)
    {
        var now = registry.Now();
        var folds = await FoldWork.DoneOf(db, inputs.Run.Id).AsNoTracking().ToListAsync(cancellationToken);
        var trained = new TrainingRun
        {
            Id = trainingRunId,
            PipelineRunId = inputs.Run.Id,
            Epochs = result.Model.Epochs,
            BestEpoch = result.Model.Kept.Epoch,
            Device = result.Model.Device,
            Backend = result.Model.Backend,
            CodeVersion = CodeVersion.Current,
            Details = result.Model.Describe(),
            Parity = result.Parity,
            StartedAt = result.StartedAt,
            CreatedAt = now,
        };
        var version = new ModelVersion
        {
            Id = registry.NewId(),
            Name = inputs.Run.Name,
            Version = await VersionNumbers.NextModelVersionAsync(db, inputs.Run.Name, cancellationToken),
            Digest = result.Onnx.Digest.ToString(),
            Bytes = result.Onnx.Length,
            Signature = result.Model.Signature,
            Method = ModelVersion.Original,
            PipelineRunId = inputs.Run.Id,
            CreatedAt = now,
        };
        db.Insert(trained);
        db.Insert(version);
        db.Link(FactKind.TrainingRun, trained.Id, "part-of", FactKind.PipelineRun, inputs.Run.Id);
        db.Link(FactKind.TrainingRun, trained.Id, "trained-on", FactKind.DatasetVersion, inputs.Dataset.Id);
        if (inputs.TunedBy is { } trial)
            db.Link(FactKind.TrainingRun, trained.Id, "tuned-by", FactKind.Trial, trial);
        foreach (var fold in folds)
            db.Link(FactKind.TrainingRun, trained.Id, "cross-validated-by", FactKind.Fold, fold.Id);
        db.Link(FactKind.ModelVersion, version.Id, "produced-by", FactKind.TrainingRun, trained.Id);
        db.Audit("trainer", "model.trained", version.Id, new
        {
            version.Name,
            version.Version,
            version.Digest,
            DatasetDigest = inputs.Dataset.Digest,
            inputs.Run.SpecDigest,
            inputs.Run.SplitDigest,
            trained.Backend,
            trained.CodeVersion,
            trained.Details,
            trained.Parity,
        });
        db.Publish(new TrainingCompleted
        {
            EventId = registry.NewId(),
            OccurredAt = now,
            PipelineRunId = inputs.Run.Id,
            TrainingRunId = trained.Id,
            ModelVersionId = version.Id,
            ModelName = version.Name,
            Version = version.Version,
            Digest = version.Digest,
            Parity = trained.Parity,
            Metrics = Headlines(result.Model.Kept, folds),
            Notes = result.Model.Notes,
        });
    }

    private static Dictionary<string, double> Headlines(EpochReport kept, IReadOnlyList<Fold> folds)
    {
        var metrics = new Dictionary<string, double> { ["train/loss"] = kept.TrainingLoss };
        if (kept.ValidationLoss is { } loss)
            metrics["validation/loss"] = loss;
        if (kept.ValidationAccuracy is { } accuracy)
            metrics["validation/accuracy"] = accuracy;
        foreach (var (name, (mean, deviation)) in MetricSpread.Over([.. folds.Select(fold => fold.Metrics)]))
            (metrics[$"cross-validation/{name}/mean"], metrics[$"cross-validation/{name}/standard-deviation"]) = (mean, deviation);
        return metrics;
    }

    private sealed record Result(TrainedModel Model, StoredArtifact Onnx, double Parity, DateTimeOffset StartedAt);
}
