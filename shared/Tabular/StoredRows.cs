using Mlops.Contracts;

namespace Mlops.Tabular;

/// <summary>Some rows of a <see cref="StoredTable"/>, which must outlive them.</summary>
/// <param name="table">The table.</param>
/// <param name="rows">Indices into it, ascending.</param>
internal sealed class StoredRows(StoredTable table, int[] rows) : IRows
{
    public int Rows => rows.Length;

    public IReadOnlyList<ColumnSchema> Schema => table.Schema;

    public long MemoryBytes => 0;

    public Column this[string name]
    {
        get
        {
            var index = table.Schema.Index().Where(column => column.Item.Name == name).Select(column => column.Index).DefaultIfEmpty(-1).First();
            if (index < 0)
                throw Fault.Invalid(name, $"there is no such column; there are {string.Join(", ", table.Schema.Select(column => column.Name))}");
            return table.Schema[index].Type == ColumnType.Numeric ? NumbersOf(name, index) : TextsOf(name, index);
        }
    }

    public IEnumerable<Table> Blocks(int mostRows)
    {
        for (var block = 0; block < table.Blocks; block++)
        {
            var inBlock = RowsIn(block);
            if (inBlock.Length == 0)
                continue;
            var columns = new Table([.. Enumerable.Range(0, table.Schema.Count).Select(column => table.Read(block, column))]);
            foreach (var part in columns.Select(inBlock).Blocks(mostRows))
                yield return part;
        }
    }

    private NumericColumn NumbersOf(string name, int column)
    {
        var (values, next) = (new double[rows.Length], 0);
        var all = new double[table.BlockRows];
        for (var block = 0; block < table.Blocks; block++)
        {
            var inBlock = RowsIn(block);
            if (inBlock.Length == 0)
                continue;
            table.ReadNumbers(block, column, all.AsSpan(0, table.RowsOf(block)));
            foreach (var row in inBlock)
                values[next++] = all[row];
        }
        return new NumericColumn(name, values);
    }

    // The levels are those of all rows, as if the whole column had been read.
    private CategoricalColumn TextsOf(string name, int column)
    {
        var (codes, next) = (new int[rows.Length], 0);
        var codeOf = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var block = 0; block < table.Blocks; block++)
        {
            var texts = (CategoricalColumn)table.Read(block, column);
            var known = new int[texts.Levels.Count];
            foreach (var (level, text) in texts.Levels.Index())
            {
                codeOf.TryAdd(text, codeOf.Count);
                known[level] = codeOf[text];
            }
            foreach (var row in RowsIn(block))
                codes[next++] = texts.IsMissing(row) ? -1 : known[texts.Codes[row]];
        }
        string[] levels = [.. codeOf.Keys.Order(StringComparer.Ordinal)];
        var rank = new int[levels.Length];
        foreach (var (place, level) in levels.Index())
            rank[codeOf[level]] = place;
        for (var row = 0; row < codes.Length; row++)
            codes[row] = codes[row] < 0 ? -1 : rank[codes[row]];
        return new CategoricalColumn(name, codes, levels);
    }

    /// <summary>The rows that lie in a block, as places in it.</summary>
    private int[] RowsIn(int block)
    {
        var start = block * table.BlockRows;
        return Array.ConvertAll(rows[Place(start)..Place(start + (long)table.BlockRows)], row => row - start);
    }

    private int Place(long row)
    {
        if (row > int.MaxValue)
            return rows.Length;
        var found = Array.BinarySearch(rows, (int)row);
        return found < 0 ? ~found : found;
    }
}
