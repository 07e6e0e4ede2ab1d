using System.Runtime.InteropServices;

namespace Mlops.Tabular;

/// <summary>
/// A table in a scratch file, as blocks of rows and each of these as columns: so it is read a column or a block at a time. In
/// memory is only where each column of a block begins.
/// </summary>
public sealed class StoredTable : IDisposable
{
    private const long BlockBytes = 8L << 20;
    private const int LeastBlockRows = 128, MostBlockRows = 1 << 16;

    private readonly ScratchFile _file;
    private readonly List<long[]> _starts = [];

    private StoredTable(ScratchFile file) => _file = file;

    /// <summary>Number of rows.</summary>
    public int Rows { get; private set; }

    /// <summary>Name and type of each column, in the order of the header.</summary>
    public IReadOnlyList<ColumnSchema> Schema { get; private set; } = [];

    /// <summary>Rows of each block but the last, which may have fewer.</summary>
    internal int BlockRows { get; private set; }

    /// <summary>How many blocks there are.</summary>
    internal int Blocks => _starts.Count;

    /// <summary>Rows that a block of so many columns should have.</summary>
    public static int BlockRowsFor(int columns) => (int)Math.Clamp(BlockBytes / sizeof(double) / columns, LeastBlockRows, MostBlockRows);

    /// <summary>Stores blocks one after another; one is in memory at a time.</summary>
    /// <param name="blocks">Of the same columns and of equal length, but for the last; one at least.</param>
    /// <param name="folder">Of the scratch file.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">The folder cannot be written to, or its disk is full.</exception>
    public static async Task<StoredTable> WriteAsync(IAsyncEnumerable<Table> blocks, string folder, CancellationToken cancellationToken)
    {
        var table = new StoredTable(ScratchFile.Create(folder));
        try
        {
            await foreach (var block in blocks.WithCancellation(cancellationToken))
                table.Add(block);
            return table;
        }
        catch
        {
            table.Dispose();
            throw;
        }
    }

    /// <summary>Some of the rows.</summary>
    /// <param name="rows">Indices from 0, ascending; not copied.</param>
    public IRows Select(int[] rows) => new StoredRows(this, rows);

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    /// <summary>The rows of a block's column; a text column's levels are those of the block.</summary>
    internal Column Read(int block, int column)
    {
        if (Schema[column].Type == ColumnType.Numeric)
        {
            var values = new double[RowsOf(block)];
            ReadNumbers(block, column, values);
            return new NumericColumn(Schema[column].Name, values);
        }
        var bytes = new byte[_starts[block][column + 1] - _starts[block][column]];
        _file.Read(_starts[block][column], bytes);
        return ColumnBytes.Read(Schema[column].Name, bytes);
    }

    /// <summary>The numbers of a block's column, as many as the block has rows.</summary>
    internal void ReadNumbers(int block, int column, Span<double> values) => _file.Read(_starts[block][column], MemoryMarshal.AsBytes(values));

    /// <summary>Rows of a block.</summary>
    internal int RowsOf(int block) => Math.Min(BlockRows, Rows - (block * BlockRows));

    private void Add(Table block)
    {
        if (_starts.Count == 0)
            (Schema, BlockRows) = (block.Schema, block.Rows);
        else if (Rows % BlockRows != 0 || block.Rows > BlockRows)
            throw new ArgumentException($"a block of {block.Rows} rows after {Rows} in blocks of {BlockRows}", nameof(block));
        _starts.Add([.. block.Columns.Select(Append), _file.Length]);
        Rows = checked(Rows + block.Rows);
    }

    private long Append(Column column) =>
        _file.Append(column is NumericColumn numbers ? MemoryMarshal.AsBytes(numbers.Values) : ColumnBytes.Of((CategoricalColumn)column));
}
