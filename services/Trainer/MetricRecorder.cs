using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry.Facts;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>
/// Carries a training's metrics to the registry while it runs. Epochs may take microseconds, so points are kept back and
/// written a few times a second; very long trainings are thinned to a bounded number of epochs.
/// </summary>
internal sealed class MetricRecorder(WorkContext work, TrainingSpec training) : IProgress<EpochReport>
{
    private const int MaxEpochs = 2_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(400);

    private readonly int _every = Math.Max(1, training.Epochs / MaxEpochs);
    private readonly Lock _lock = new();
    private List<MetricPoint> _pending = [];

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

    private Task FlushAsync(CancellationToken cancellationToken)
    {
        List<MetricPoint> points;
        lock (_lock)
            (points, _pending) = (_pending, []);
        return points.Count == 0 ? Task.CompletedTask : work.WriteAsync((db, _) =>
        {
            db.MetricPoints.AddRange(points);
            return Task.CompletedTask;
        }, cancellationToken);
    }

    private void Add(string name, int epoch, double? value)
    {
        if (value is { } number && double.IsFinite(number))
            _pending.Add(new MetricPoint { TrainingRunId = work.Item.Id, Name = name, Step = epoch, Value = number });
    }
}
