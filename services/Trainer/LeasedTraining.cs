using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Runs;
using Mlops.Tabular;
using Mlops.Training;
using Mlops.Training.Checkpoints;

namespace Mlops.Trainer;

/// <summary>
/// A training in the hands of a worker, of a whole run, a fold or a trial: it tells its epochs to the registry under the work's id, and
/// goes on from where an attempt before it got to.
/// </summary>
internal sealed partial class LeasedTraining(IArtifactStore artifacts, ModelTrainer trainer, IOptions<TrainerOptions> options, ILogger<LeasedTraining> logger)
{
    /// <summary>What the rows of a training may take.</summary>
    public RowMemory Memory => options.Value.RowMemory;

    /// <summary>The checkpoints of a training.</summary>
    public TrainingCheckpoints CheckpointsOf(WorkContext work) => new(work, artifacts, logger);

    /// <summary>Trains on the inputs' rows. Whoever records what came of it removes the checkpoints then.</summary>
    /// <returns>The model, which the caller disposes.</returns>
    public Task<TrainedModel> TrainAsync(WorkContext work, TrainingRows inputs, TrainingCheckpoints checkpoints, CancellationToken cancellationToken) =>
        TrainAsync(work, inputs, checkpoints, milestones: null, cancellationToken);

    /// <summary>The same, with milestones at which it may be ended early.</summary>
    public async Task<TrainedModel> TrainAsync(WorkContext work, TrainingRows inputs, TrainingCheckpoints checkpoints, Milestones? milestones, CancellationToken cancellationToken)
    {
        // An attempt before this one may have left a checkpoint, and metrics; those of epochs after it are told again.
        var resumeFrom = await checkpoints.FindAsync(cancellationToken);
        try
        {
            return await TrainAsync(work, inputs, checkpoints, milestones, resumeFrom, cancellationToken);
        }
        catch (Fault fault) when (resumeFrom is not null && fault.Problems.All(problem => problem.Field.StartsWith("checkpoint.", StringComparison.Ordinal)))
        {
            // It was made by another device or build, from which nobody can go on here.
            LogNotResumed(work.Item.Id, fault.Message);
            return await TrainAsync(work, inputs, checkpoints, milestones, resumeFrom: null, cancellationToken);
        }
    }

    private async Task<TrainedModel> TrainAsync(
        WorkContext work, TrainingRows inputs, TrainingCheckpoints checkpoints, Milestones? milestones, TrainingCheckpoint? resumeFrom, CancellationToken cancellationToken)
    {
        await work.WriteAsync((db, token) => MetricRecorder.Untold(db, work.Item.Id, resumeFrom).ExecuteDeleteAsync(token), cancellationToken);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var recorder = new MetricRecorder(work, inputs.Spec, inputs.Train.Rows, inputs.Together?.Rows ?? 0, checkpoints);
        var checkpointing = new Checkpointing
        {
            Save = recorder.Report,
            ResumeFrom = resumeFrom,
            MinimumInterval = options.Value.CheckpointInterval,
            Share = options.Value.CheckpointShare,
        };
        var input = new TrainingInput
        {
            Spec = inputs.Spec,
            Train = inputs.Train,
            Validation = inputs.Validation,
            Together = inputs.Together,
            Memory = Memory,
            Notes = SplitClasses.NotesOf(inputs.Spec, inputs.Validation, inputs.Test),
            Checkpointing = checkpointing,
            Milestones = milestones,
        };
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
        var model = await training;
        foreach (var note in model.Notes)
            LogNote(work.Item.Id, note);
        return model;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "of the training {WorkId}: {Note}")]
    private partial void LogNote(Guid workId, string note);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the training of {WorkId} begins anew: {Reason}")]
    private partial void LogNotResumed(Guid workId, string reason);
}
