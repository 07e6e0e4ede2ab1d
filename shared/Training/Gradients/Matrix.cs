using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>A window on memory as a matrix, which is row-major unless it is transposed.</summary>
internal readonly ref struct Matrix
{
    private readonly ref float _first;

    /// <param name="values">The rows.</param>
    /// <param name="rows">How many.</param>
    /// <param name="columns">Numbers in a row.</param>
    /// <param name="stride">From a row to the next.</param>
    public Matrix(Span<float> values, int rows, int columns, int stride)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stride, columns);
        ArgumentOutOfRangeException.ThrowIfLessThan(values.Length, (long)rows * stride);
        _first = ref MemoryMarshal.GetReference(values);
        (Rows, Columns, RowStride, ColumnStride) = (rows, columns, stride, 1);
    }

    private Matrix(ref float first, int rows, int columns, nint rowStride, nint columnStride)
    {
        _first = ref first;
        (Rows, Columns, RowStride, ColumnStride) = (rows, columns, rowStride, columnStride);
    }

    public int Rows { get; }

    public int Columns { get; }

    public nint RowStride { get; }

    public nint ColumnStride { get; }

    /// <summary>The memory of a contiguous FP32 tensor [rows, columns] on the CPU.</summary>
    public static Matrix Of(Tensor rows) => new(FlatWeights.FloatsOf(rows), (int)rows.shape[0], (int)rows.shape[1], (int)rows.shape[1]);

    /// <summary>The same memory, as the transposed matrix.</summary>
    public Matrix Transposed => new(ref _first, Columns, Rows, ColumnStride, RowStride);

    /// <summary>A row of a matrix that is not transposed.</summary>
    public Span<float> Row(int row) => MemoryMarshal.CreateSpan(ref At(row, 0), Columns);

    /// <summary>Some of the rows.</summary>
    public Matrix Slice(int row, int rows) => new(ref At(row, 0), rows, Columns, RowStride, ColumnStride);

    /// <summary>Copies the elements to those of another matrix of the same size.</summary>
    public void CopyTo(Matrix other)
    {
        for (var row = 0; row < Rows; row++)
            if (other.ColumnStride == 1)
                CopyRow(row, other.Row(row));
            else
                for (var column = 0; column < Columns; column++)
                    other.At(row, column) = At(row, column);
    }

    /// <summary>Copies a row.</summary>
    public void CopyRow(int row, Span<float> to)
    {
        if (ColumnStride == 1)
            Row(row).CopyTo(to);
        else
            for (var column = 0; column < Columns; column++)
                to[column] = At(row, column);
    }

    /// <summary>An element, which is not checked to be there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref float At(int row, int column) => ref Unsafe.Add(ref _first, (row * RowStride) + (column * ColumnStride));
}
