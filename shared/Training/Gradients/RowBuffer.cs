using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Mlops.Training.Optimization;

namespace Mlops.Training.Gradients;

/// <summary>Rows of numbers in memory that is kept from batch to batch; each row begins where registers do.</summary>
/// <param name="columns">Numbers in a row.</param>
internal sealed class RowBuffer(int columns)
{
    // What is summed before it is added to the rest, so that many rows lose no digits.
    private const int RowsAtOnce = 256;

    private readonly int _stride = StrideOf(columns);
    private Memory<float> _memory;

    public int Rows { get; private set; }

    /// <summary>The rows.</summary>
    public Matrix Matrix => new(Span, Rows, columns, _stride);

    /// <summary>The rows and what is between them, which nothing follows from; a multiple of the widest register.</summary>
    public Span<float> Span => _memory.Span[..(Rows * _stride)];

    /// <summary>A row and what is between it and the next.</summary>
    public Span<Vector<float>> Lanes(int row) => MemoryMarshal.Cast<float, Vector<float>>(_memory.Span.Slice(row * _stride, _stride));

    /// <summary>From a row to the next.</summary>
    public static int StrideOf(int columns) => (int)FlatWeights.Aligned(columns);

    /// <summary>Makes room; what was in the rows is lost.</summary>
    public void Reserve(int rows)
    {
        if (rows * _stride > _memory.Length)
            _memory = KeptMemory.Of(rows * _stride);
        Rows = rows;
    }

    /// <summary>Multiplies each number by another.</summary>
    /// <param name="factors">[rows, columns].</param>
    public void MultiplyBy(Matrix factors)
    {
        for (var row = 0; row < Rows; row++)
            TensorPrimitives.Multiply(Matrix.Row(row), factors.Row(row), Matrix.Row(row));
    }

    /// <summary>Multiplies each number by another of a buffer of the same size.</summary>
    public void MultiplyBy(RowBuffer factors) => TensorPrimitives.Multiply(Span, factors.Span, Span);

    /// <summary>The sum of each column.</summary>
    /// <param name="sums">[columns], is written.</param>
    public void SumRows(Span<float> sums)
    {
        Span<float> lanes = stackalloc float[Vector<float>.Count];
        ref var first = ref MemoryMarshal.GetReference(Span);
        for (var column = 0; column < columns; column += lanes.Length)
        {
            var sum = Vector<float>.Zero;
            for (var start = 0; start < Rows; start += RowsAtOnce)
            {
                var part = Vector<float>.Zero;
                for (var row = start; row < Math.Min(start + RowsAtOnce, Rows); row++)
                    part += Vector.LoadUnsafe(ref first, (nuint)((row * _stride) + column));
                sum += part;
            }
            sum.CopyTo(lanes);
            lanes[..Math.Min(lanes.Length, columns - column)].CopyTo(sums[column..]);
        }
    }
}
