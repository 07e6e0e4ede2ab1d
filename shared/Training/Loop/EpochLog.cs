using Mlops.Contracts;
using Mlops.Contracts.Spec;
using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>
/// Turns losses that still lie on the device into reports. Reading one waits for the device and costs several native calls,
/// so that they are read in blocks: no more often than ten times a second, unless somebody needs the loss at once.
/// </summary>
/// <param name="spec">What is trained.</param>
/// <param name="refit">Epochs of a refit; null of a first fit.</param>
/// <param name="time">Measures how long epochs take.</param>
/// <param name="progress">Told of each.</param>
internal sealed class EpochLog(PipelineSpec spec, int? refit, TimeProvider time, IProgress<EpochReport>? progress) : IDisposable
{
    private const int LongestBlock = 256;
    private static readonly TimeSpan BlockTime = TimeSpan.FromMilliseconds(100);

    private readonly List<(int Epoch, double Rate, TimeSpan Elapsed)> _epochs = [];
    private readonly List<Tensor> _measures = [];
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _before;
    private TimeSpan _readAt;

    /// <summary>Of the last epoch that was read.</summary>
    public EpochReport? Last { get; private set; }

    /// <summary>Until that epoch, since the training began.</summary>
    public TimeSpan Elapsed => Last?.Elapsed ?? _before;

    /// <summary>Counts the time of the training's earlier life as well.</summary>
    public void ResumeAfter(TimeSpan elapsed) => (_before, _readAt) = (elapsed, elapsed);

    /// <summary>Takes an epoch.</summary>
    /// <param name="epoch">1, 2, 3 …</param>
    /// <param name="rate">The learning rate of its last step.</param>
    /// <param name="measures">A vector of the training loss, then the validation loss and accuracy where there are such. Moved out of its scope.</param>
    /// <param name="readNow">Whether <see cref="Last"/> is needed at once.</param>
    /// <exception cref="Fault">A loss is not a finite number.</exception>
    public void Add(int epoch, double rate, Tensor measures, bool readNow)
    {
        var elapsed = _before + time.GetElapsedTime(_start);
        _epochs.Add((epoch, rate, elapsed));
        _measures.Add(measures.DetachFromDisposeScope());
        if (readNow || _epochs.Count == LongestBlock || elapsed - _readAt >= BlockTime)
            Read();
    }

    /// <summary>Reads and reports everything that waits.</summary>
    /// <exception cref="Fault">A loss is not a finite number.</exception>
    public void Read()
    {
        if (_epochs.Count == 0)
            return;
        float[] values;
        using (NewDisposeScope())
            values = [.. stack(_measures).cpu().data<float>()];
        var width = values.Length / _epochs.Count;
        for (var row = 0; row < _epochs.Count; row++)
            Report(_epochs[row], values.AsSpan(row * width, width));
        _readAt = _epochs[^1].Elapsed;
        Clear();
    }

    public void Dispose() => Clear();

    private void Report((int Epoch, double Rate, TimeSpan Elapsed) told, ReadOnlySpan<float> measures)
    {
        var (epoch, rate, elapsed) = told;
        if (!float.IsFinite(measures[0]))
            throw Divergence.Of("the loss", measures[0], $"epoch {epoch}", spec);
        if (measures.Length > 1 && !float.IsFinite(measures[1]))
            throw Divergence.Of("the validation loss", measures[1], $"epoch {epoch}", spec);
        Last = new EpochReport
        {
            Epoch = epoch,
            TrainingLoss = measures[0],
            ValidationLoss = measures.Length > 1 ? measures[1] : null,
            ValidationAccuracy = measures.Length > 2 ? measures[2] : null,
            LearningRate = rate,
            MostEpochs = refit ?? spec.MostEpochs,
            IsRefit = refit is not null,
            Elapsed = elapsed,
        };
        progress?.Report(Last);
    }

    private void Clear()
    {
        foreach (var measure in _measures)
            measure.Dispose();
        _measures.Clear();
        _epochs.Clear();
    }
}
