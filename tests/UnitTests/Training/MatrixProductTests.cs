using Mlops.Training.Gradients;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Training;

/// <summary>Products of all shapes about the sizes of blocks, beside sums in double precision.</summary>
public sealed class MatrixProductTests
{
    private static readonly int[] Sizes = [1, 2, 3, 4, 5, 8, 15, 16, 17, 31, 32, 33, 50];

    public static TheoryData<bool> Registers => [true, false];

    [Theory]
    [MemberData(nameof(Registers))]
    public void Compute_AnyShape_IsTheProduct(bool hasWideRegisters)
    {
        var product = new MatrixProduct(hasWideRegisters);
        foreach (var rows in Sizes)
            foreach (var columns in Sizes)
                foreach (var depth in new[] { 1, 3, 16, 40 })
                    Check(product, rows, columns, depth);
    }

    // Deeper than what is summed at once.
    [Theory]
    [MemberData(nameof(Registers))]
    public void Compute_Deep_IsTheProduct(bool hasWideRegisters)
    {
        Check(new MatrixProduct(hasWideRegisters), 5, 20, 1_300);
        Check(new MatrixProduct(hasWideRegisters), 6, 64, 1_024);
    }

    [Fact]
    public void Compute_RegistersOfBothWidths_GiveTheSameBits()
    {
        var (left, right) = (Numbers(1, 7 * 700), Numbers(2, 700 * 50));
        var results = new[] { true, false }.Select(wide =>
        {
            var target = new float[7 * 50];
            new MatrixProduct(wide).Compute(new Matrix(left, 7, 700, 700), new Matrix(right, 700, 50, 50), [], new Matrix(target, 7, 50, 50));
            return target;
        }).ToList();

        results[0].ShouldBe(results[1]);
    }

    private static void Check(MatrixProduct product, int rows, int columns, int depth)
    {
        var (left, right, addends) = (Numbers(1, rows * depth), Numbers(2, depth * columns), Numbers(3, columns));
        foreach (var (isLeftTransposed, isRightTransposed, stride) in new[] { (false, false, columns), (true, false, columns), (false, true, RowBuffer.StrideOf(columns)) })
        {
            // What stands after the end must stay.
            var target = new float[(rows * stride) + 40];
            Array.Fill(target, 7);

            product.Compute(
                isLeftTransposed ? new Matrix(left, depth, rows, rows).Transposed : new Matrix(left, rows, depth, depth),
                isRightTransposed ? new Matrix(right, columns, depth, depth).Transposed : new Matrix(right, depth, columns, columns),
                addends,
                new Matrix(target, rows, columns, stride));

            for (var row = 0; row < rows; row++)
                for (var column = 0; column < columns; column++)
                {
                    var sum = (double)addends[column];
                    for (var at = 0; at < depth; at++)
                        sum += (double)left[isLeftTransposed ? (at * rows) + row : (row * depth) + at] * right[isRightTransposed ? (column * depth) + at : (at * columns) + column];
                    Math.Abs(target[(row * stride) + column] - sum).ShouldBeLessThan(2e-6 * depth, $"[{row}, {column}] of {rows} × {depth} × {columns}");
                }
            target.AsSpan(rows * stride).ToArray().ShouldAllBe(value => value == 7);
        }
    }

    private static float[] Numbers(ulong seed, int count) => [.. Oracle.Normals(seed, count).Select(value => (float)value)];
}
