using Mlops.Tabular;

namespace Mlops.Scoring;

/// <summary>Single-row latency of a model, in microseconds.</summary>
/// <param name="MedianMicroseconds">The middle one; the mean of the middle two of an even number.</param>
/// <param name="P95Microseconds">The smallest that at least 95 % of the measured ones do not exceed.</param>
/// <param name="Samples">How many runs were measured.</param>
public sealed record Latency(double MedianMicroseconds, double P95Microseconds, int Samples)
{
    /// <summary>Sums up measured latencies.</summary>
    /// <param name="microseconds">At least one, in any order; not changed.</param>
    public static Latency Of(ReadOnlySpan<double> microseconds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(microseconds.Length);
        var sorted = microseconds.ToArray();
        Array.Sort(sorted);
        var middle = sorted.Length / 2;
        var median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        // Nearest rank, in whole numbers: 0.95 × 20 is above 19 in floating point.
        var rank = (sorted.Length * 95 + 99) / 100;
        return new Latency(median, sorted[rank - 1], sorted.Length);
    }
}

/// <summary>How long a <see cref="LatencyProbe"/> measures.</summary>
public sealed record LatencyProbeOptions
{
    /// <summary>Runs of each model before the first that counts. At least 0.</summary>
    public int WarmUpRuns { get; init; } = 100;

    /// <summary>How often each model gets its turn. At least 1.</summary>
    public int Rounds { get; init; } = 50;

    /// <summary>Runs of a model in one turn. At least 1.</summary>
    public int RunsPerRound { get; init; } = 20;
}

/// <summary>
/// Measures models side by side: they take turns in rounds, so that whatever else the machine does meanwhile
/// falls on all of them. Only ratios within one measurement mean something.
/// </summary>
public static class LatencyProbe
{
    /// <summary>The latency of one row through each model, from filled tensors to answers.</summary>
    /// <param name="models">At least one.</param>
    /// <param name="rows">Rows to ask for, in turn; at least one.</param>
    /// <param name="time">The clock.</param>
    /// <param name="options">How long to measure; null for the defaults.</param>
    /// <param name="cancellation">Ends the measurement between two rounds.</param>
    /// <returns>One per model, in their order.</returns>
    /// <exception cref="Contracts.Fault">The rows do not fit a model.</exception>
    public static IReadOnlyList<Latency> Measure(
        IReadOnlyList<OnnxScorer> models, Table rows, TimeProvider time, LatencyProbeOptions? options = null, CancellationToken cancellation = default)
    {
        options ??= new LatencyProbeOptions();
        ArgumentOutOfRangeException.ThrowIfZero(models.Count);
        ArgumentOutOfRangeException.ThrowIfZero(rows.Rows);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Rounds, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.RunsPerRound, 1);
        List<Contestant> contestants = [];
        try
        {
            foreach (var model in models)
                contestants.Add(new Contestant(model, rows, options));
            foreach (var contestant in contestants)
                contestant.WarmUp(options.WarmUpRuns);
            for (var round = 0; round < options.Rounds; round++)
            {
                cancellation.ThrowIfCancellationRequested();
                // Each begins equally often, as the first of a round may find the caches cold.
                for (var turn = 0; turn < contestants.Count; turn++)
                    contestants[(round + turn) % contestants.Count].Measure(options.RunsPerRound, time);
            }
            return [.. contestants.Select(contestant => contestant.Result)];
        }
        finally
        {
            contestants.ForEach(contestant => contestant.Dispose());
        }
    }

    /// <summary>A model, its inputs row by row, and what was measured so far.</summary>
    private sealed class Contestant : IDisposable
    {
        private const int MaxRows = 64;

        private readonly OnnxScorer _model;
        private readonly InputBatch[] _rows;
        private readonly double[] _microseconds;
        private int _runs;

        public Contestant(OnnxScorer model, Table rows, LatencyProbeOptions options)
        {
            InputBatch.Check(model.Signature, rows);
            _model = model;
            _rows = [.. Enumerable.Range(0, Math.Min(rows.Rows, MaxRows)).Select(row => new InputBatch(model.Signature, rows, row, 1))];
            _microseconds = new double[options.Rounds * options.RunsPerRound];
        }

        public Latency Result => Latency.Of(_microseconds);

        public void WarmUp(int runs)
        {
            for (var i = 0; i < runs; i++)
                _model.Run(_rows[i % _rows.Length]).Dispose();
        }

        public void Measure(int runs, TimeProvider time)
        {
            for (var i = 0; i < runs; i++)
            {
                var row = _rows[_runs % _rows.Length];
                var start = time.GetTimestamp();
                _model.Run(row).Dispose();
                // Not through TimeSpan, whose step of 0.1 µs is 2 % of a small model's run.
                _microseconds[_runs++] = (time.GetTimestamp() - start) * 1e6 / time.TimestampFrequency;
            }
        }

        public void Dispose()
        {
            foreach (var row in _rows)
                row.Dispose();
        }
    }
}
