namespace Mlops.Onnx.Rows;

/// <summary>Arithmetic of axes and their lengths.</summary>
internal static class Axes
{
    /// <summary>The axis counted from the front, if a rule may work along it: not if it is the batch's own, and not if there is no such axis.</summary>
    public static int? Within(Value value, long axis)
    {
        var rank = value.Dims!.Count;
        var counted = axis < 0 ? axis + rank : axis;
        return counted < (value.IsRows ? 1 : 0) || counted >= rank ? null : (int)counted;
    }

    /// <summary>All of the axes, or null if one of them is not <see cref="Within(Value, long)"/>.</summary>
    public static int[]? Within(Value value, IEnumerable<long> axes)
    {
        var counted = axes.Select(axis => Within(value, axis)).ToArray();
        return counted.Contains(null) ? null : [.. counted.Select(axis => axis!.Value)];
    }

    /// <summary>The dimensions with one of them replaced by any number of others.</summary>
    public static IReadOnlyList<long?> Replace(IReadOnlyList<long?> dims, int axis, params IEnumerable<long?> by) =>
        [.. dims.Take(axis), .. by, .. dims.Skip(axis + 1)];

    /// <summary>How many elements there are; null where that is not known or beyond 64 bits.</summary>
    public static long? Product(IEnumerable<long?> dims)
    {
        long product = 1;
        foreach (var dim in dims)
        {
            if (dim is not { } length || length < 0 || (length > 0 && product > long.MaxValue / length))
                return null;
            product *= length;
        }
        return product;
    }

    /// <summary>A place along an axis where a cut may begin or end, counted from the front; one beyond the axis is its end.</summary>
    public static long Place(long index, long length) => Math.Max(0, Math.Min(index < 0 ? index + length : index, length));

    public static IEnumerable<long> All(int rank) => Enumerable.Range(0, rank).Select(axis => (long)axis);
}
