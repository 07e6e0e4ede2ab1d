using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Runs;
using Mlops.Training;
using Mlops.Training.Checkpoints;

namespace Mlops.Trainer;

/// <summary>Trains a run's model, exports it to ONNX, proves that the export computes the same, and records what came out.</summary>
internal sealed partial class RunTraining(
    RegistryStore registry, IArtifactStore artifacts, ModelTrainer trainer, IOptions<TrainerOptions> options, ILogger<RunTraining> logger) : IWorkHandler
{
    public const string WorkKind = "train-model";

    public string Kind => WorkKind;

    public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
    {
        var startedAt = registry.Now();
        var inputs = await RunInputs.LoadAsync(registry, artifacts, work.Item.PipelineRunId, cancellationToken);

        // 1. An attempt before this one may have left a checkpoint, and metrics; those of epochs after it are told again.
        var checkpoints = new TrainingCheckpoints(work, artifacts, logger);
        var resumeFrom = await checkpoints.FindAsync(cancellationToken);

        // 2. Train, telling every epoch.
        using var model = await ResumeAsync(work, inputs, checkpoints, resumeFrom, cancellationToken);

        // 3. What is served must be what was trained.
        var onnx = model.ToOnnx();
        var parity = Parity.Require(model, onnx, inputs);
        var stored = await artifacts.PutAsync(Parity.Certify(model, onnx).Bytes, cancellationToken);

        // 4. Facts, lineage, audit and event in one.
        var result = new Result(model, stored, parity, startedAt);
        await work.CompleteAsync((db, token) => RecordAsync(db, work.Item.Id, inputs, result, token), cancellationToken);
        await checkpoints.RemoveAsync();
    }

    private async Task<TrainedModel> ResumeAsync(
        WorkContext work, RunInputs inputs, TrainingCheckpoints checkpoints, TrainingCheckpoint? resumeFrom, CancellationToken cancellationToken)
    {
        try
        {
            return await TrainAsync(work, inputs, checkpoints, resumeFrom, cancellationToken);
        }
        catch (Fault fault) when (resumeFrom is not null && fault.Problems.All(problem => problem.Field.StartsWith("checkpoint.", StringComparison.Ordinal)))
        {
            // It was made by another device or build, from which nobody can go on here.
            LogNotResumed(work.Item.Id, fault.Message);
            return await TrainAsync(work, inputs, checkpoints, resumeFrom: null, cancellationToken);
        }
    }

    private async Task<TrainedModel> TrainAsync(
        WorkContext work, RunInputs inputs, TrainingCheckpoints checkpoints, TrainingCheckpoint? resumeFrom, CancellationToken cancellationToken)
    {
        var told = resumeFrom?.Epoch ?? 0;
        await work.WriteAsync((db, token) =>
            db.MetricPoints.Where(point => point.TrainingRunId == work.Item.Id && point.Step > told).ExecuteDeleteAsync(token), cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var recorder = new MetricRecorder(work, inputs.Spec, checkpoints);
        var checkpointing = new Checkpointing
        {
            Save = recorder.Report,
            ResumeFrom = resumeFrom,
            MinimumInterval = options.Value.CheckpointInterval,
            Share = options.Value.CheckpointShare,
        };
        var input = new TrainingInput { Spec = inputs.Spec, Train = inputs.Train, Validation = inputs.Validation, Checkpointing = checkpointing };
        var training = Task.Factory.StartNew(() => trainer.Train(input, recorder, stop.Token), stop.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            await recorder.RecordUntilAsync(training, cancellationToken);
        }
        catch
        {
            // The lease is lost, or the registry is away: nobody would take the result.
            await stop.CancelAsync();
            await training.ContinueWith(ended => { if (ended.IsCompletedSuccessfully) ended.Result.Dispose(); }, TaskScheduler.Default);
            throw;
        }
        return await training;
    }

    private async Task RecordAsync(RegistryDbContext db, Guid trainingRunId, RunInputs inputs, Result result, CancellationToken cancellationToken)
    {
        var now = registry.Now();
        var training = new TrainingRun
        {
            Id = trainingRunId,
            PipelineRunId = inputs.Run.Id,
            Epochs = result.Model.Epochs,
            BestEpoch = result.Model.Kept.Epoch,
            Device = result.Model.Device,
            Backend = result.Model.Backend,
            CodeVersion = CodeVersion.Current,
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
        db.Insert(training);
        db.Insert(version);
        db.Link(FactKind.TrainingRun, training.Id, "part-of", FactKind.PipelineRun, inputs.Run.Id);
        db.Link(FactKind.TrainingRun, training.Id, "trained-on", FactKind.DatasetVersion, inputs.Dataset.Id);
        db.Link(FactKind.ModelVersion, version.Id, "produced-by", FactKind.TrainingRun, training.Id);
        db.Audit("trainer", "model.trained", version.Id, new
        {
            version.Name,
            version.Version,
            version.Digest,
            DatasetDigest = inputs.Dataset.Digest,
            inputs.Run.SpecDigest,
            inputs.Run.SplitDigest,
            result.Model.Model,
            Candidates = result.Model.Candidates.Select(candidate => new { candidate.Model, candidate.Kept?.ValidationLoss, candidate.WhyNot }),
            training.Backend,
            training.CodeVersion,
            training.Parity,
        });
        db.Publish(new TrainingCompleted
        {
            EventId = registry.NewId(),
            OccurredAt = now,
            PipelineRunId = inputs.Run.Id,
            TrainingRunId = training.Id,
            ModelVersionId = version.Id,
            ModelName = version.Name,
            Version = version.Version,
            Digest = version.Digest,
            Parity = training.Parity,
            Metrics = Headlines(result.Model.Kept),
        });
    }

    private static Dictionary<string, double> Headlines(EpochReport kept)
    {
        var metrics = new Dictionary<string, double> { ["train/loss"] = kept.TrainingLoss };
        if (kept.ValidationLoss is { } loss)
            metrics["validation/loss"] = loss;
        if (kept.ValidationAccuracy is { } accuracy)
            metrics["validation/accuracy"] = accuracy;
        return metrics;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the training of {WorkId} begins anew: {Reason}")]
    private partial void LogNotResumed(Guid workId, string reason);

    private sealed record Result(TrainedModel Model, StoredArtifact Onnx, double Parity, DateTimeOffset StartedAt);
}
