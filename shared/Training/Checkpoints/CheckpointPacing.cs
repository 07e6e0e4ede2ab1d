namespace Mlops.Training.Checkpoints;

/// <summary>Decides when a checkpoint is worth its time.</summary>
/// <param name="MinimumInterval">Between two of them, at least.</param>
/// <param name="Share">Of the training's time, at most; from 1 on, all there is.</param>
internal readonly record struct CheckpointPacing(TimeSpan MinimumInterval, double Share)
{
    // Slower than what was measured (350 MB/s with its SHA-256, 2 cores, busy), so that the first one does not come too early.
    private const double BytesPerSecond = 100e6;

    /// <summary>Whether one is due.</summary>
    /// <param name="elapsed">Since the training began, or was resumed.</param>
    /// <param name="last">When the last one was done, since the same; zero where there is none.</param>
    /// <param name="spent">What all so far took.</param>
    /// <param name="cost">What the next is expected to take.</param>
    public bool IsDue(TimeSpan elapsed, TimeSpan last, TimeSpan spent, TimeSpan cost) =>
        elapsed - last >= MinimumInterval && (Share >= 1 || spent + cost <= Share * elapsed);

    /// <summary>What the first is expected to take.</summary>
    /// <param name="bytes">That will be read and hashed.</param>
    public static TimeSpan CostOf(long bytes) => TimeSpan.FromSeconds(bytes / BytesPerSecond);
}
