using System.Runtime.InteropServices;

namespace Mlops.Training.Trees;

/// <summary>
/// The rows that LightGBM chooses its bins by, as columns without their zeros. They are the same, in the same form, that
/// LightGBM takes by itself of rows that are all in memory, so that the bins are the same too.
/// </summary>
internal sealed class ColumnSample
{
    /// <summary>LightGBM's rows at most, unless told otherwise (its parameter <c>bin_construct_sample_cnt</c>).</summary>
    public const int MostRows = 200_000;

    /// <summary>Bytes that a number of the sample takes.</summary>
    public const int NumberBytes = sizeof(double) + sizeof(int);

    // What is nearer to 0 counts as that (LightGBM's kZeroThreshold).
    private const float Zero = 1e-35f;

    // Pinned, because LightGBM is given their addresses.
    private readonly double[][] _values;
    private readonly int[][] _places;

    private ColumnSample(int rows, List<double>[] values, List<int>[] places)
    {
        Rows = rows;
        _values = Array.ConvertAll(values, Pinned);
        _places = Array.ConvertAll(places, Pinned);
    }

    /// <summary>How many rows were chosen.</summary>
    public int Rows { get; }

    /// <summary>Numbers in each column.</summary>
    public int[] Counts => Array.ConvertAll(_values, column => column.Length);

    /// <summary>Addresses of each column's numbers, and of the rows that they stand in; good while the sample is there.</summary>
    public nint[] Values => Array.ConvertAll(_values, column => Marshal.UnsafeAddrOfPinnedArrayElement(column, 0));

    /// <inheritdoc cref="Values"/>
    public nint[] Places => Array.ConvertAll(_places, column => Marshal.UnsafeAddrOfPinnedArrayElement(column, 0));

    public static ColumnSample Of(TreeRows rows, string parameters)
    {
        LightGbm.Check(LightGbm.LGBM_GetSampleCount(rows.Count, parameters, out var most));
        var chosen = new int[most];
        LightGbm.Check(LightGbm.LGBM_SampleIndices(rows.Count, parameters, chosen, out var count));
        List<double>[] values = [.. Enumerable.Range(0, rows.Width).Select(_ => new List<double>())];
        List<int>[] places = [.. Enumerable.Range(0, rows.Width).Select(_ => new List<int>())];
        var next = 0;
        rows.Read((inputs, first) =>
        {
            var end = first + (inputs.Length / rows.Width);
            for (; next < count && chosen[next] < end; next++)
                Add(inputs.Slice((chosen[next] - first) * rows.Width, rows.Width), next);
        });
        return new ColumnSample(count, values, places);

        void Add(ReadOnlySpan<float> row, int place)
        {
            for (var column = 0; column < row.Length; column++)
            {
                if (Math.Abs(row[column]) <= Zero)
                    continue;
                values[column].Add(row[column]);
                places[column].Add(place);
            }
        }
    }

    private static T[] Pinned<T>(List<T> column)
    {
        var pinned = GC.AllocateUninitializedArray<T>(column.Count, pinned: true);
        column.CopyTo(pinned);
        column.Clear();
        column.TrimExcess();
        return pinned;
    }
}
