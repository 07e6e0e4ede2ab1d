namespace Mlops.Inference.Rollouts;

/// <summary>What is seen of both versions of a rollout.</summary>
public sealed class TrialCounts
{
    private long _number;
    private int _underWay;
    private long _compared;
    private long _differing;

    /// <summary>What the champion does; in a shadow, with the requests that are copied.</summary>
    public AnswerCounts Champion { get; } = new();

    /// <summary>What the candidate does.</summary>
    public AnswerCounts Candidate { get; } = new();

    /// <summary>Comparisons since this was called last, and how many of them differed.</summary>
    public (long Compared, long Differing) TakeCompared()
    {
        // In this order: one that comes between is counted as compared now and as differing the next time, never before.
        var differing = Interlocked.Exchange(ref _differing, 0);
        return (Interlocked.Exchange(ref _compared, 0), differing);
    }

    /// <summary>Numbers the requests without a routing key.</summary>
    internal long Next() => Interlocked.Increment(ref _number);

    /// <summary>Takes a place for one more copy, if one is free.</summary>
    internal bool TryBegin(int most)
    {
        if (Interlocked.Increment(ref _underWay) <= most)
            return true;
        End();
        return false;
    }

    /// <summary>Gives a place back.</summary>
    internal void End() => Interlocked.Decrement(ref _underWay);

    /// <summary>Two answers were compared.</summary>
    internal void Compared(bool differ)
    {
        Interlocked.Increment(ref _compared);
        if (differ)
            Interlocked.Increment(ref _differing);
    }
}
