using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Training.Gradients;

/// <summary>
/// Products of matrices of any size, on one thread. Columns of the right one are gathered in panels that stay in the cache, and
/// blocks of rows of the left one meet them in registers (Goto and van de Geijn, 2008). Each number is summed in the same order
/// whatever the registers' width, so that this does not change a bit.
/// </summary>
/// <param name="hasWideRegisters">Whether the processor has registers of 512 bits.</param>
internal sealed class MatrixProduct(bool hasWideRegisters)
{
    // Rows of the left matrix at once; what is summed before it is added to the rest; columns of the widest panel.
    private const int BlockRows = 4, MostDepth = 512, MostColumns = 32;

    // Columns of a panel that are gathered at once, where they lie apart.
    private const int GatheredAtOnce = 16;

    private readonly Memory<float> _panel = KeptMemory.Of(MostDepth * MostColumns);
    private readonly Memory<float> _tile = KeptMemory.Of(BlockRows * MostColumns);
    private readonly Memory<float> _addends = KeptMemory.Of(MostColumns);

    /// <summary>Computes left · right, and what is added to each row.</summary>
    /// <param name="left">[N, depth].</param>
    /// <param name="right">[depth, M].</param>
    /// <param name="addends">[M], or empty.</param>
    /// <param name="target">[N, M], row-major; zeros are written between a row's end and the next.</param>
    public void Compute(Matrix left, Matrix right, ReadOnlySpan<float> addends, Matrix target)
    {
        for (var depth = 0; depth < right.Rows; depth += MostDepth)
            for (var column = 0; column < target.RowStride;)
                column += hasWideRegisters && target.RowStride - column > MostColumns / 2
                    ? MultiplyPanel<Register512>(left, right, depth, column, addends, target)
                    : MultiplyPanel<Register256>(left, right, depth, column, addends, target);
    }

    /// <returns>Columns that were computed.</returns>
    private int MultiplyPanel<TRegister>(Matrix left, Matrix right, int depth, int column, ReadOnlySpan<float> addends, Matrix target)
        where TRegister : struct, IRegister<TRegister>
    {
        var width = 2 * TRegister.Count;
        var panel = _panel.Span[..(Math.Min(MostDepth, right.Rows - depth) * width)];
        Gather(right, depth, column, width, panel);
        _addends.Span.Clear();
        if (depth == 0 && column < addends.Length)
            addends[column..Math.Min(column + width, addends.Length)].CopyTo(_addends.Span);
        Multiply<TRegister>(left, depth, panel, target, column);
        return width;
    }

    // Beyond the last column are zeros.
    private static void Gather(Matrix from, int row, int column, int width, Span<float> panel)
    {
        var columns = Math.Min(width, from.Columns - column);
        var rows = panel.Length / width;
        if (columns < width)
            panel.Clear();
        if (from.ColumnStride == 1)
            for (var at = 0; at < rows; at++)
                MemoryMarshal.CreateReadOnlySpan(in from.At(row + at, column), columns).CopyTo(panel[(at * width)..]);
        else
            for (var start = 0; start < rows; start += GatheredAtOnce)
                for (var at = 0; at < columns; at++)
                    Scatter(ref from.At(row + start, column + at), from.RowStride, ref panel[(start * width) + at], width, Math.Min(GatheredAtOnce, rows - start));
    }

    private static void Scatter(ref float from, nint fromStride, ref float to, int toStride, int count)
    {
        for (var at = 0; at < count; at++)
            Unsafe.Add(ref to, at * toStride) = Unsafe.Add(ref from, at * fromStride);
    }

    private void Multiply<TRegister>(Matrix left, int depth, Span<float> panel, Matrix target, int column)
        where TRegister : struct, IRegister<TRegister>
    {
        var width = 2 * TRegister.Count;
        var columns = (int)Math.Min(width, target.RowStride - column);
        for (var row = 0; row < left.Rows; row += BlockRows)
        {
            var rows = Math.Min(BlockRows, left.Rows - row);
            if (columns == width)
            {
                if (depth == 0)
                    Block<TRegister>(left, row, depth, panel, ref _addends.Span[0], 0, ref target.At(row, column), target.RowStride);
                else
                    Block<TRegister>(left, row, depth, panel, ref target.At(row, column), target.RowStride, ref target.At(row, column), target.RowStride);
                continue;
            }
            var tile = _tile.Span;
            for (var at = 0; at < rows; at++)
                (depth == 0 ? _addends.Span[..columns] : MemoryMarshal.CreateSpan(ref target.At(row + at, column), columns)).CopyTo(tile[(at * width)..]);
            Block<TRegister>(left, row, depth, panel, ref tile[0], width, ref tile[0], width);
            for (var at = 0; at < rows; at++)
                tile.Slice(at * width, columns).CopyTo(MemoryMarshal.CreateSpan(ref target.At(row + at, column), columns));
        }
    }

    // Where there are fewer rows, the last one is computed several times, which changes nothing: sums are taken before they are stored.
    private static void Block<TRegister>(
        Matrix left, int row, int depth, Span<float> panel, ref float addends, nint addendStride, ref float target, nint targetStride)
        where TRegister : struct, IRegister<TRegister>
    {
        var last = left.Rows - 1 - row;
        nint second = Math.Min(1, last), third = Math.Min(2, last), fourth = Math.Min(3, last);
        TRegister a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default;
        nint b = second * left.RowStride, c = third * left.RowStride, d = fourth * left.RowStride;
        ref var factors = ref left.At(row, depth);
        ref var columns = ref MemoryMarshal.GetReference(panel);
        for (var step = panel.Length / (2 * TRegister.Count); step > 0; step--)
        {
            var near = TRegister.Load(in columns);
            var far = TRegister.Load(in Unsafe.Add(ref columns, TRegister.Count));
            var factor = TRegister.All(factors);
            a0 = TRegister.MultiplyAdd(factor, near, a0);
            a1 = TRegister.MultiplyAdd(factor, far, a1);
            factor = TRegister.All(Unsafe.Add(ref factors, b));
            b0 = TRegister.MultiplyAdd(factor, near, b0);
            b1 = TRegister.MultiplyAdd(factor, far, b1);
            factor = TRegister.All(Unsafe.Add(ref factors, c));
            c0 = TRegister.MultiplyAdd(factor, near, c0);
            c1 = TRegister.MultiplyAdd(factor, far, c1);
            factor = TRegister.All(Unsafe.Add(ref factors, d));
            d0 = TRegister.MultiplyAdd(factor, near, d0);
            d1 = TRegister.MultiplyAdd(factor, far, d1);
            factors = ref Unsafe.Add(ref factors, left.ColumnStride);
            columns = ref Unsafe.Add(ref columns, 2 * TRegister.Count);
        }
        Add(ref addends, ref a0, ref a1);
        Add(ref Unsafe.Add(ref addends, second * addendStride), ref b0, ref b1);
        Add(ref Unsafe.Add(ref addends, third * addendStride), ref c0, ref c1);
        Add(ref Unsafe.Add(ref addends, fourth * addendStride), ref d0, ref d1);
        Store(ref target, a0, a1);
        Store(ref Unsafe.Add(ref target, second * targetStride), b0, b1);
        Store(ref Unsafe.Add(ref target, third * targetStride), c0, c1);
        Store(ref Unsafe.Add(ref target, fourth * targetStride), d0, d1);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TRegister>(ref float addends, ref TRegister near, ref TRegister far)
        where TRegister : struct, IRegister<TRegister>
    {
        near += TRegister.Load(in addends);
        far += TRegister.Load(in Unsafe.Add(ref addends, TRegister.Count));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TRegister>(ref float target, TRegister near, TRegister far)
        where TRegister : struct, IRegister<TRegister>
    {
        near.Store(ref target);
        far.Store(ref Unsafe.Add(ref target, TRegister.Count));
    }
}
