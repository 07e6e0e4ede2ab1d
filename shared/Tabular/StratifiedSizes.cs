namespace Mlops.Tabular;

/// <summary>
/// How many rows of each class go to each part, so that classes and parts both have their sizes and every number is
/// its exact share, rounded up or down. Such a table always exists (controlled rounding: M. Bacharach, 1966); here
/// a flow of single rows finds it, which moves earlier rows on where a later one would find no place.
/// </summary>
internal sealed class StratifiedSizes
{
    private readonly int[] _partSizes;
    private readonly int[] _placed;
    private readonly int[,] _sizes;
    private readonly int[,] _least;
    private readonly int[,] _most;
    private readonly long[,] _remainders;

    private StratifiedSizes(int classes, int[] partSizes)
    {
        _partSizes = partSizes;
        _placed = new int[partSizes.Length];
        _sizes = new int[classes, partSizes.Length];
        _least = new int[classes, partSizes.Length];
        _most = new int[classes, partSizes.Length];
        _remainders = new long[classes, partSizes.Length];
    }

    /// <summary>Rows of each class (first index) in each part (second index); null if there is no such table.</summary>
    /// <param name="classSizes">Rows of each class; a class without any stands nowhere.</param>
    /// <param name="partSizes">Rows of each part; the same sum.</param>
    /// <param name="needed">Parts in which every class has to stand with at least one row.</param>
    public static int[,]? Find(int[] classSizes, int[] partSizes, ReadOnlySpan<int> needed)
    {
        var table = new StratifiedSizes(classSizes.Length, partSizes);
        var rows = partSizes.Sum();
        for (var i = 0; i < classSizes.Length; i++)
            table.Bound(i, classSizes[i], rows, needed);
        for (var i = 0; i < classSizes.Length; i++)
            for (var left = classSizes[i] - table.RowsOf(i); left != 0; left--)
                if (left < 0 || !table.TryPlace(i, new bool[partSizes.Length]))
                    return null;
        return table._placed.AsSpan().SequenceEqual(partSizes) ? table._sizes : null;
    }

    private void Bound(int @class, int classSize, int rows, ReadOnlySpan<int> needed)
    {
        for (var part = 0; part < _partSizes.Length; part++)
        {
            var (share, remainder) = Math.DivRem((long)classSize * _partSizes[part], rows);
            _remainders[@class, part] = remainder;
            _most[@class, part] = (int)share + (remainder > 0 ? 1 : 0);
            _least[@class, part] = classSize > 0 && needed.Contains(part) ? Math.Max(1, (int)share) : (int)share;
            _sizes[@class, part] = _least[@class, part];
            _placed[part] += _least[@class, part];
        }
    }

    private int RowsOf(int @class) => Enumerable.Range(0, _partSizes.Length).Sum(part => _sizes[@class, part]);

    // Gives a row of the class to the part with the largest remainder that has, or can be given, a place for it.
    private bool TryPlace(int @class, bool[] tried)
    {
        foreach (var part in Enumerable.Range(0, _partSizes.Length).OrderByDescending(part => _remainders[@class, part]))
        {
            if (tried[part] || _sizes[@class, part] >= _most[@class, part])
                continue;
            tried[part] = true;
            if (_placed[part] >= _partSizes[part] && !TryMoveOneOutOf(part, tried))
                continue;
            _sizes[@class, part]++;
            _placed[part]++;
            return true;
        }
        return false;
    }

    private bool TryMoveOneOutOf(int part, bool[] tried)
    {
        for (var other = 0; other < _sizes.GetLength(0); other++)
        {
            if (_sizes[other, part] <= _least[other, part] || !TryPlace(other, tried))
                continue;
            _sizes[other, part]--;
            _placed[part]--;
            return true;
        }
        return false;
    }
}
