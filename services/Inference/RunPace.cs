namespace Mlops.Inference;

/// <summary>
/// How long a model's runs take and how many rows are asked for at a time. A long run that begins with the first row that
/// comes back keeps a processor from a batch that would have been full a moment later.
/// </summary>
public sealed class RunPace
{
    /// <summary>Below it, waiting would take longer than it saves: a timer does not come within a millisecond.</summary>
    private static readonly TimeSpan LongRun = TimeSpan.FromMilliseconds(2), ShortestPatience = TimeSpan.FromMilliseconds(1);

    private long _runTicks;
    private long _rows;

    /// <summary>How long a row may wait for others while nothing keeps it from running: a tenth of a run, and nothing where runs are short.</summary>
    public TimeSpan Patience => TimeSpan.FromTicks(Volatile.Read(ref _runTicks)) is var run && run >= LongRun ? TimeSpan.FromTicks(Math.Max(run.Ticks / 10, ShortestPatience.Ticks)) : TimeSpan.Zero;

    /// <summary>The rows that each of so many runs at once would have, if they were divided evenly.</summary>
    public int Share(int runs, int capacity) => (int)Math.Clamp((Volatile.Read(ref _rows) + runs - 1) / runs, 1, capacity);

    /// <summary>So many rows wait or run now.</summary>
    public void See(long rows)
    {
        if (rows > Volatile.Read(ref _rows))
            Volatile.Write(ref _rows, rows);
    }

    /// <summary>A run begins while so many rows wait or run: what was asked for before is forgotten by halves.</summary>
    public void Begin(long rows) => Volatile.Write(ref _rows, Math.Max(rows, (Volatile.Read(ref _rows) + rows) / 2));

    /// <summary>A run took so long.</summary>
    public void End(TimeSpan run)
    {
        var before = Volatile.Read(ref _runTicks);
        Volatile.Write(ref _runTicks, before == 0 ? run.Ticks : ((3 * before) + run.Ticks) / 4);
    }
}
