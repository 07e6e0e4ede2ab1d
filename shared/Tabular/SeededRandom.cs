namespace Mlops.Tabular;

/// <summary>
/// Pseudo-random numbers that a seed fixes for ever, which <see cref="Random"/> does not promise across versions of .NET.
/// SplitMix64: G. L. Steele, D. Lea and C. H. Flood, "Fast splittable pseudorandom number generators" (2014).
/// Not for secrets; not for use by several threads at once.
/// </summary>
/// <param name="seed">Any; near seeds give unrelated sequences.</param>
public sealed class SeededRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>The sequence of a spec's seed.</summary>
    /// <param name="seed">0 or more.</param>
    public SeededRandom(int seed)
        : this(checked((ulong)seed))
    {
    }

    /// <summary>The next 64 bits.</summary>
    public ulong NextUInt64()
    {
        var mixed = _state += 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>
    /// A whole number from 0 to <paramref name="bound"/> − 1, each as likely as the other
    /// (D. Lemire, "Fast random integer generation in an interval", 2019).
    /// </summary>
    /// <param name="bound">1 or more.</param>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        var range = (ulong)bound;
        var high = Math.BigMul(NextUInt64(), range, out var low);
        if (low < range)
        {
            var unfair = (0 - range) % range;
            while (low < unfair)
                high = Math.BigMul(NextUInt64(), range, out low);
        }
        return (int)high;
    }

    /// <summary>A number from 0 up to, not including, 1: one of 2⁵³ at equal distances.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>
    /// A number from the normal distribution of mean 0 and variance 1, by the polar method (G. Marsaglia and T. A. Bray,
    /// 1964). The logarithm is the machine's, so that the last bit may differ between platforms.
    /// </summary>
    public double NextGaussian()
    {
        while (true)
        {
            var (u, v) = (2 * NextDouble() - 1, 2 * NextDouble() - 1);
            var square = u * u + v * v;
            if (square is > 0 and < 1)
                return u * Math.Sqrt(-2 * Math.Log(square) / square);
        }
    }

    /// <summary>Brings items into one of their orders, each as likely as the other (Fisher and Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = NextInt(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }
}
