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
internal sealed class MetricRecorder(WorkContext work, PipelineSpec spec, TrainingCheckpoints checkpoints) : IProgress<EpochReport>
{
    private const int MaxEpochs = 2_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly int _every = Math.Max(1, spec.MostEpochs / MaxEpochs);
    private readonly Lock _lock = new();
    private List<MetricPoint> _pending = [];
    private TrainingCheckpoint? _checkpoint;

    public void Report(EpochReport value)
    {
        if (value.Epoch % _every != 0 && value.Epoch != 1)
            return;
        lock (_lock)
        {
            Add("train/loss", value.Epoch, value.TrainingLoss);
            Add("validation/loss", value.Epoch, value.ValidationLoss);
            Add("validation/accuracy", value.Epoch, value.ValidationAccuracy);
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
        lock (_lock)
        {
            (points, _pending) = (_pending, []);
            (checkpoint, _checkpoint) = (_checkpoint, null);
        }
        Task AddAsync(RegistryDbContext db, CancellationToken _)
        {
            db.Insert(points);
            return Task.CompletedTask;
        }
        // Together, so that whoever goes on from the checkpoint finds the epochs before it, and no others.
        if (checkpoint is not null)
            await checkpoints.KeepAsync(checkpoint, AddAsync, cancellationToken);
        else if (points.Count > 0)
            await work.WriteAsync(AddAsync, cancellationToken);
    }

    private void Add(string name, int epoch, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            _pending.Add(new MetricPoint { TrainingRunId = work.Item.Id, Name = name, Step = epoch, Value = number });
    }
}
