namespace Mlops.Training.Checkpoints;

/// <summary>Decides when a checkpoint is worth its time.</summary>
/// <param name="MinimumInterval">Between two of them, at least.</param>
/// <param name="Share">Of the training's time, at most; from 1 on, all there is.</param>
internal readonly record struct CheckpointPacing(TimeSpan MinimumInterval, double Share)
{
    private const long MostBytes = 1L << 30;

    // To copy and hash was measured at 265 (0.1 MB) to 800 MB/s (180 MB) on two busy cores; the rest is for whoever saves the bytes.
    private const double BytesPerSecond = 100e6;

    /// <summary>Whether one is due.</summary>
    /// <param name="elapsed">Since the training began, or was resumed.</param>
    /// <param name="last">When the last one was done, since the same; zero where there is none.</param>
    /// <param name="spent">What all so far took.</param>
    /// <param name="cost">What the next is expected to take.</param>
    public bool IsDue(TimeSpan elapsed, TimeSpan last, TimeSpan spent, TimeSpan cost) =>
        elapsed - last >= MinimumInterval && (Share >= 1 || spent + cost <= Share * elapsed);

    /// <summary>What the first is expected to take; null where it would be too large to be taken.</summary>
    /// <param name="bytes">Of the checkpoint.</param>
    /// <param name="rowBytes">That are hashed besides, once.</param>
    public static TimeSpan? CostOf(long bytes, long rowBytes) => bytes > MostBytes ? null : TimeSpan.FromSeconds((bytes + rowBytes) / BytesPerSecond);
}
