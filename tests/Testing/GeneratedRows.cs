using Mlops.Tabular;

namespace Mlops.Testing;

/// <summary>Rows for what is measured: numbers x0, x1 … and y, each a function of its place, in a whole table or in blocks that need not be there at once.</summary>
/// <param name="rows">How many.</param>
/// <param name="width">Columns besides y.</param>
public sealed class GeneratedRows(int rows, int width)
{
    public Table Table(int start, int count) =>
        new([.. Enumerable.Range(0, width).Select(column => ColumnOf($"x{column}", column, start, count)), ColumnOf("y", width, start, count)]);

    /// <summary>All of them.</summary>
    public async IAsyncEnumerable<Table> BlocksAsync()
    {
        await Task.Yield();
        var size = StoredTable.BlockRowsFor(width + 1);
        for (var start = 0; start < rows; start += size)
            yield return Table(start, Math.Min(size, rows - start));
    }

    private static NumericColumn ColumnOf(string name, int column, int start, int count)
    {
        var values = new double[count];
        for (var row = 0; row < count; row++)
            values[row] = (((start + row) * 2_654_435_761L) + (column * 40_503L)) % 10_007;
        return new NumericColumn(name, values);
    }
}
