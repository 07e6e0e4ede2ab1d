namespace Mlops.Inference;

/// <summary>When a batch begins, and of how many rows.</summary>
public static class BatchRule
{
    /// <summary>Rows that the next run should have; 0 to wait a little longer.</summary>
    /// <param name="waiting">Rows that wait; at least 1.</param>
    /// <param name="capacity">Most rows of a run.</param>
    /// <param name="preferred">Numbers of rows that the model is fastest at.</param>
    /// <param name="mayWait">Whether the request that has waited longest may wait on for others.</param>
    public static int Rows(long waiting, int capacity, ReadOnlySpan<int> preferred, bool mayWait)
    {
        if (waiting >= capacity)
            return capacity;
        var best = 0;
        foreach (var rows in preferred)
            best = rows <= waiting ? Math.Max(best, rows) : best;
        return best > 0 ? best : mayWait ? 0 : (int)waiting;
    }
}
