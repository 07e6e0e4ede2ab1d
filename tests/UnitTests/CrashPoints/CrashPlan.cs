namespace Mlops.UnitTests.CrashPoints;

/// <summary>
/// Says when a process dies: at its step number <paramref name="survives"/>, counted from 0. A step is a moment at which a kill
/// would leave something else behind than the moment before it.
/// </summary>
internal sealed class CrashPlan(int survives)
{
    private readonly Lock _lock = new();
    private int _steps;

    public static CrashPlan Never => new(int.MaxValue);

    /// <summary>The step at which the process died; null while it lives.</summary>
    public string? DiedAt { get; private set; }

    /// <summary>Dies here if it is time to; a process that is dead comes no further either.</summary>
    public void Step(string name)
    {
        lock (_lock)
        {
            if (DiedAt is null && _steps++ == survives)
                DiedAt = name;
            if (DiedAt is not null)
                throw new ProcessKilledException(DiedAt);
        }
    }
}

/// <summary>The process is dead. Whoever catches this finds that nothing works any more.</summary>
internal sealed class ProcessKilledException(string step) : Exception($"killed {step}");
