using System.Globalization;

namespace Mlops.Inference;

/// <summary>Arithmetic over shapes that callers send: nothing here overflows or allocates by their word.</summary>
public static class TensorShape
{
    /// <summary>The number of elements, or false where a dimension is negative or the number does not fit 64 bits.</summary>
    public static bool TryCount(ReadOnlySpan<long> shape, out long elements) => TryMultiply(shape, 1, skipZeros: false, out elements);

    /// <summary>
    /// The bytes that a tensor of this shape would take if its empty dimensions had one entry. It bounds what a model may make
    /// of an empty tensor: a sum over the second axis of [1000000000, 0] is a billion zeros.
    /// </summary>
    public static bool TryExtent(ReadOnlySpan<long> shape, int elementSize, out long bytes) => TryMultiply(shape, elementSize, skipZeros: true, out bytes);

    /// <summary>Whether <paramref name="shape"/> is one that <paramref name="expected"/> (−1 = any) allows.</summary>
    public static bool Fits(ReadOnlySpan<long> shape, ReadOnlySpan<long> expected)
    {
        if (shape.Length != expected.Length)
            return false;
        for (var axis = 0; axis < shape.Length; axis++)
        {
            if (shape[axis] < 0 || (expected[axis] >= 0 && shape[axis] != expected[axis]))
                return false;
        }

        return true;
    }

    /// <summary>As in an error message: [-1,4].</summary>
    public static string Text(ReadOnlySpan<long> shape)
    {
        const int Shown = 16;
        var dims = new string[Math.Min(shape.Length, Shown)];
        for (var axis = 0; axis < dims.Length; axis++)
            dims[axis] = shape[axis].ToString(CultureInfo.InvariantCulture);
        return $"[{string.Join(',', dims)}{(shape.Length > Shown ? ",…" : "")}]";
    }

    private static bool TryMultiply(ReadOnlySpan<long> shape, long product, bool skipZeros, out long result)
    {
        result = 0;
        var empty = false;
        foreach (var dim in shape)
        {
            if (dim < 0)
                return false;
            if (dim == 0)
                empty = true;
            else if (Math.BigMul(product, dim, out product) != 0 || product < 0)
                return false;
        }

        result = empty && !skipZeros ? 0 : product;
        return true;
    }
}
