namespace Mlops.Tabular;

/// <summary>Rows of typed columns, wherever they lie, that are read a column or some rows at a time.</summary>
public interface IRows
{
    /// <summary>Number of rows.</summary>
    int Rows { get; }

    /// <summary>Name and type of each column, in the order of the header.</summary>
    IReadOnlyList<ColumnSchema> Schema { get; }

    /// <summary>Bytes of memory that the rows take for as long as they are there, about; 0 where they lie on a disk.</summary>
    long MemoryBytes { get; }

    /// <summary>The column of that name, every row of it.</summary>
    /// <exception cref="Contracts.Fault">There is none.</exception>
    Column this[string name] { get; }

    /// <summary>All rows in their order, some at a time. A text column's levels are those of the block, or more.</summary>
    /// <param name="mostRows">In a block; at least 1.</param>
    IEnumerable<Table> Blocks(int mostRows);
}
