using static TorchSharp.torch;

namespace Mlops.Training.Loop;

/// <summary>
/// Encoded rows that a training goes over, wherever they lie. A batch has the same bits in each case, and is there until the
/// next one is asked for.
/// </summary>
internal abstract class SampleSource : IDisposable
{
    // Enough to be worth the calls, few enough for what a network makes of them to stay small.
    private const int NumbersAtOnce = 1 << 22, LeastRows = 256, MostRows = 1 << 14;

    /// <summary>Number of rows.</summary>
    public abstract long Count { get; }

    /// <summary>Numbers in a row.</summary>
    public abstract int Width { get; }

    /// <summary>Bytes of all rows.</summary>
    public abstract long Bytes { get; }

    /// <summary>Where batches are computed with.</summary>
    public abstract Device Device { get; }

    /// <summary>All rows at once; only of those that are in memory.</summary>
    public abstract Samples All { get; }

    /// <summary>All rows, once, in batches.</summary>
    /// <param name="order">A permutation of the rows, INT64 [N].</param>
    /// <param name="batchSize">Rows in a batch.</param>
    /// <param name="batches">How many; the last has what is left.</param>
    public abstract IEnumerable<Samples> Shuffled(Tensor order, long batchSize, long batches);

    /// <summary>All rows in their own order, in slices.</summary>
    public abstract IEnumerable<Samples> Slices();

    /// <summary>Rows of each class, INT64 [classes], which belongs to the caller's scope.</summary>
    public Tensor CountClasses(int classes)
    {
        using var scope = NewDisposeScope();
        var counts = zeros(classes, ScalarType.Int64, Device);
        foreach (var slice in Slices())
            counts.add_(slice.Targets.bincount(null, classes));
        return counts.MoveToOuterDisposeScope();
    }

    /// <summary>The targets of all rows, which belong to the caller's scope.</summary>
    public virtual Tensor GatherTargets()
    {
        using var scope = NewDisposeScope();
        return cat([.. Slices().Select(slice => slice.Targets.clone())]).MoveToOuterDisposeScope();
    }

    public virtual void Dispose()
    {
    }

    /// <summary>Rows in a slice: it follows from the width alone, because the bits of a mean follow from its slices.</summary>
    protected static int RowsAtOnce(int width) => Math.Clamp(NumbersAtOnce / Math.Max(1, width), LeastRows, MostRows);

    /// <summary>Rows that are encoded at once: fewer, because there are several copies of them meanwhile.</summary>
    protected static int EncodedAtOnce(int width) => Math.Max(LeastRows, RowsAtOnce(width) / 4);
}
