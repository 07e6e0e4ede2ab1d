using Mlops.Tabular;

namespace Mlops.Training.Loop;

/// <summary>Memory for some rows of a file, into which another thread may read them.</summary>
/// <param name="file">Rows × bytes of a row.</param>
/// <param name="rows">Room for the most that are gathered at once; belongs to this.</param>
/// <param name="inputBytes">Of a row's inputs, which come first.</param>
/// <param name="rowBytes">Of a whole row.</param>
internal sealed class GatheredRows(ScratchFile file, Samples rows, int inputBytes, int rowBytes) : IDisposable
{
    // A call costs about as much as some pages that are read in vain.
    private const int MostGap = 4 << 10, MostRead = 256 << 10;

    private readonly byte[] _read = new byte[Math.Max(rowBytes, MostRead)];
    private readonly int[] _sorted = new int[rows.Count];
    private readonly int[] _places = new int[rows.Count];

    /// <summary>The rows that were gathered last, and behind them what was there before.</summary>
    public Samples Rows => rows;

    /// <summary>Reads rows, in the order in which they lie in the file, to where they are wanted.</summary>
    /// <param name="wanted">Their places in the file.</param>
    public void Gather(ReadOnlySpan<int> wanted)
    {
        var count = wanted.Length;
        wanted.CopyTo(_sorted);
        for (var place = 0; place < count; place++)
            _places[place] = place;
        Array.Sort(_sorted, _places, 0, count);
        var targetBytes = rowBytes - inputBytes;
        var inputs = rows.Inputs.bytes;
        var targets = rows.Targets.bytes;
        for (var first = 0; first < count;)
        {
            var end = EndOfRun(first, count);
            var run = _read.AsSpan(0, (_sorted[end - 1] - _sorted[first] + 1) * rowBytes);
            file.Read((long)_sorted[first] * rowBytes, run);
            for (var row = first; row < end; row++)
            {
                var found = run.Slice((_sorted[row] - _sorted[first]) * rowBytes, rowBytes);
                found[..inputBytes].CopyTo(inputs[(_places[row] * inputBytes)..]);
                found[inputBytes..].CopyTo(targets[(_places[row] * targetBytes)..]);
            }
            first = end;
        }
    }

    public void Dispose()
    {
        rows.Dispose();
    }

    /// <summary>Neighbours are read at once, with what lies between them.</summary>
    private int EndOfRun(int first, int count)
    {
        var end = first + 1;
        while (end < count && (long)(_sorted[end] - _sorted[end - 1] - 1) * rowBytes <= MostGap && (long)(_sorted[end] - _sorted[first] + 1) * rowBytes <= _read.Length)
            end++;
        return end;
    }
}
