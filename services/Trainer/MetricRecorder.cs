using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Training;
using Mlops.Training.Checkpoints;

namespace Mlops.Trainer;

/// <summary>
/// Carries a training's metrics and checkpoints to the registry while it runs. Epochs may take microseconds, so points are kept back and
/// written a few times a second; very long trainings are thinned to a bounded number of epochs.
/// </summary>
internal sealed class MetricRecorder(WorkContext work, PipelineSpec spec, long trainRows, long refitRows, TrainingCheckpoints checkpoints) : IProgress<EpochReport>
{
    private const string OfRefit = "refit/";
    private const int MaxEpochs = 2_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly int _every = Math.Max(1, spec.MostEpochs / MaxEpochs);
    private readonly Lock _lock = new();
    private List<MetricPoint> _pending = [];
    private TrainingCheckpoint? _checkpoint;
    private EpochReport? _newest;

    public void Report(EpochReport value)
    {
        lock (_lock)
        {
            _newest = value;
            if (value.Epoch % _every != 0 && value.Epoch != 1)
                return;
            // Of a model that may not be kept, under its number.
            var prefix = value.Candidate is { } turn ? $"candidates/{turn.Number}/" : value.IsRefit ? OfRefit : "";
            Add($"{prefix}train/loss", value.Epoch, value.TrainingLoss);
            Add($"{prefix}validation/loss", value.Epoch, value.ValidationLoss);
            Add($"{prefix}validation/accuracy", value.Epoch, value.ValidationAccuracy);
            if (value.Candidate is null)
                Add($"{prefix}train/learning-rate", value.Epoch, value.LearningRate);
        }
    }

    /// <summary>Takes a checkpoint, which stands for all epochs that were reported before it; of several, the newest counts.</summary>
    public void Report(TrainingCheckpoint checkpoint)
    {
        lock (_lock)
            _checkpoint = checkpoint;
    }

    /// <summary>Writes now and then until the training has ended, and then the rest.</summary>
    public async Task RecordUntilAsync(Task training, CancellationToken cancellationToken)
    {
        while (!training.IsCompleted)
        {
            await Task.WhenAny(training, Task.Delay(Interval, cancellationToken));
            await FlushAsync(cancellationToken);
        }
        await FlushAsync(cancellationToken);
    }

    private async Task FlushAsync(CancellationToken cancellationToken)
    {
        List<MetricPoint> points;
        TrainingCheckpoint? checkpoint;
        EpochReport? newest;
        lock (_lock)
        {
            (points, _pending) = (_pending, []);
            (checkpoint, _checkpoint) = (_checkpoint, null);
            (newest, _newest) = (_newest, null);
        }
        async Task AddAsync(RegistryDbContext db, CancellationToken token)
        {
            db.Insert(points);
            if (newest is not null)
                await work.TellAsync(db, ProgressOf(newest, newest.IsRefit ? refitRows : trainRows), token);
        }
        // Together, so that whoever goes on from the checkpoint finds the epochs before it, and no others.
        if (checkpoint is not null)
            await checkpoints.KeepAsync(checkpoint, AddAsync, cancellationToken);
        else if (newest is not null)
            await work.WriteAsync(AddAsync, cancellationToken);
    }

    /// <summary>The points that a training tells again which goes on from a checkpoint, or from its begin.</summary>
    public static IQueryable<MetricPoint> Untold(RegistryDbContext db, Guid work, TrainingCheckpoint? from)
    {
        var told = from?.Epoch ?? 0;
        var points = db.MetricPoints.Where(point => point.TrainingRunId == work);
        return from is { IsRefit: true }
            ? points.Where(point => point.Step > told && point.Name.StartsWith(OfRefit))
            : points.Where(point => point.Step > told || point.Name.StartsWith(OfRefit));
    }

    /// <summary>How far a training is whose newest epoch this is.</summary>
    internal static TrainingProgress ProgressOf(EpochReport report, long trainRows)
    {
        var perEpoch = report.Elapsed.TotalSeconds / report.Epoch;
        return new TrainingProgress
        {
            Epoch = report.Epoch,
            MostEpochs = report.MostEpochs,
            TrainingLoss = report.TrainingLoss,
            ValidationLoss = report.ValidationLoss,
            ValidationAccuracy = report.ValidationAccuracy,
            LearningRate = report.LearningRate,
            RowsPerSecond = perEpoch > 0 ? trainRows / perEpoch : 0,
            SecondsLeft = perEpoch * (report.MostEpochs - report.Epoch),
            IsRefit = report.IsRefit,
            Candidate = report.Candidate,
        };
    }

    private void Add(string name, int epoch, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            _pending.Add(new MetricPoint { TrainingRunId = work.Item.Id, Name = name, Step = epoch, Value = number });
    }
}
