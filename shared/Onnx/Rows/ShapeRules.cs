namespace Mlops.Onnx.Rows;

/// <summary>Operators that rearrange elements: harmless where each row keeps its own, and the batch stays the first axis.</summary>
internal static class ShapeRules
{
    /// <summary>
    /// A first length of 0 keeps the batch's (unless <c>allowzero</c> is set). A first length of −1 does only if a row keeps
    /// its number of elements. Any other fixes the number of rows.
    /// </summary>
    public static Value Reshape(Operation op)
    {
        if (op[1].Integers is not { } shape)
            return Because.UnknownContent;
        return Reshape(op, shape);
    }

    /// <summary>To a shape that is known.</summary>
    public static Value Reshape(Operation op, IReadOnlyList<long> shape)
    {
        var copies = op.Integer("allowzero") == 0;
        var dims = shape.Select((length, axis) => length == 0 && copies ? op[0].Dims!.ElementAtOrDefault(axis) : length).ToArray();
        if (!op.HasRows)
            return Value.Constant([.. dims.Select(dim => dim < 0 ? null : dim)]);
        var row = Axes.Product(op[0].Dims!.Skip(1));
        switch (shape)
        {
            case [0, ..] when copies:
                var rest = Axes.Product(dims.Skip(1).Where(dim => dim != -1));
                return Value.Rows([null, .. dims.Skip(1).Select(dim => dim != -1 ? dim : rest > 0 ? row / rest : null)]);
            case [-1, ..] when row > 0 && Axes.Product(dims.Skip(1)) == row:
                return Value.Rows([null, .. dims.Skip(1)]);
            default:
                return Because.JoinsRows;
        }
    }

    public static Value Flatten(Operation op)
    {
        var (axis, rank) = (op.Integer("axis", 1), op[0].Dims!.Count);
        if (!op.HasRows)
            return Value.Constant(null);
        return (axis < 0 ? axis + rank : axis) == 1 ? Value.Rows([null, Axes.Product(op[0].Dims!.Skip(1))]) : Because.JoinsRows;
    }

    /// <summary>Without a permutation the axes are reversed.</summary>
    public static Value Transpose(Operation op)
    {
        var axes = Axes.All(op[0].Dims!.Count).ToArray();
        var permutation = op.Integers("perm") ?? [.. axes.Reverse()];
        if (!permutation.Order().SequenceEqual(axes) || (op.HasRows && permutation[0] != 0))
            return Because.MovesRows;
        return op.Of([.. permutation.Select(axis => op[0].Dims![(int)axis])]);
    }

    /// <summary>Without axes, every axis of length 1 goes: the batch's too, when it holds one row.</summary>
    public static Value Squeeze(Operation op)
    {
        if (op.Integers("axes", 1, [.. Axes.All(op[0].Dims!.Count)]) is not { } axes)
            return Because.UnknownContent;
        return Axes.Within(op[0], axes) is { } gone ? op.Of([.. op[0].Dims!.Where((_, axis) => !gone.Contains(axis))]) : Because.AlongRows;
    }

    /// <summary>Axes of the result.</summary>
    public static Value Unsqueeze(Operation op)
    {
        if (op.Integers("axes", 1, []) is not { } axes)
            return Because.UnknownContent;
        var rank = op[0].Dims!.Count + axes.Count;
        var added = axes.Select(axis => axis < 0 ? axis + rank : axis).ToHashSet();
        if (added.Count != axes.Count || added.Any(axis => axis < (op.HasRows ? 1 : 0) || axis >= rank))
            return Because.MovesRows;
        var kept = new Queue<long?>(op[0].Dims!);
        return op.Of([.. Axes.All(rank).Select(axis => added.Contains(axis) ? 1 : kept.Dequeue())]);
    }

    /// <summary>A constant beside rows would have to have as many.</summary>
    public static Value Concat(Operation op)
    {
        if (!op.HasRows)
            return Value.Constant(null);
        if (!op.Inputs.All(input => input.IsRows))
            return Value.Mixed("puts a constant beside rows");
        var rank = op[0].Dims!.Count;
        if (op.Inputs.FirstOrDefault(input => input.Dims!.Count != rank) is { } other)
            return Because.Ranks(rank, other.Dims!.Count);
        if (Axes.Within(op[0], op.Integer("axis")) is not { } axis)
            return Because.AlongRows;
        var length = op.Inputs.Aggregate((long?)0, (sum, input) => sum + input.Dims![axis]);
        return Value.Rows(Axes.Replace(op[0].Dims!, axis, length));
    }

    public static Value Split(Operation op)
    {
        if (Axes.Within(op[0], op.Integer("axis")) is not { } axis)
            return Because.AlongRows;
        var lengths = op.Integers("split", 1, []);
        return op.Of(Axes.Replace(op[0].Dims!, axis, op.Output < lengths?.Count ? lengths[op.Output] : (long?)null));
    }

    /// <summary>From a start, up to an end, in steps, along some axes (the first ones unless said). All of the rows is no cut.</summary>
    public static Value Slice(Operation op)
    {
        if (op.Integers("starts", 1, []) is not { } starts || op.Integers("ends", 2, []) is not { } ends
            || op.Integers("axes", 3, [.. Axes.All(starts.Count)]) is not { } axes || op.Integers("steps", 4, [.. starts.Select(_ => 1L)]) is not { } steps
            || ends.Count != starts.Count || axes.Count != starts.Count || steps.Count != starts.Count)
            return Because.UnknownContent;
        var dims = op[0].Dims!;
        for (var i = 0; i < axes.Count; i++)
        {
            if (Axes.Within(op[0], axes[i]) is { } axis)
                dims = Axes.Replace(dims, axis, steps[i] == 1 ? Cut(op[0].Dims![axis], starts[i], ends[i]) : null);
            else if (!(IsBatch(op[0], axes[i]) && starts[i] == 0 && ends[i] >= int.MaxValue && steps[i] == 1))
                return Because.AlongRows;
        }
        return op.Of(dims);
    }

    public static Value Expand(Operation op) =>
        op[1].Integers is { } shape ? ElementwiseRules.Broadcast(op[0], Value.Constant([.. shape.Select(length => (long?)length)])) : Because.UnknownContent;

    public static Value Tile(Operation op)
    {
        if (op[1].Integers is not { } repeats || repeats.Count != op[0].Dims!.Count)
            return Because.UnknownContent;
        if (op.HasRows && repeats[0] != 1)
            return Because.AlongRows;
        return op.Of([.. op[0].Dims!.Select((dim, axis) => Axes.Product([dim, repeats[axis]]))]);
    }

    /// <summary>For some axes (all unless said): what goes before each, then what goes after each.</summary>
    public static Value Pad(Operation op)
    {
        if (op.Integers("pads", 1, []) is not { } pads || op.Integers("axes", 3, [.. Axes.All(op[0].Dims!.Count)]) is not { } axes || pads.Count != 2 * axes.Count)
            return Because.UnknownContent;
        var dims = op[0].Dims!;
        for (var i = 0; i < axes.Count; i++)
        {
            var (before, after) = (pads[i], pads[i + axes.Count]);
            if (Axes.Within(op[0], axes[i]) is { } axis)
                dims = Axes.Replace(dims, axis, dims[axis] + before + after);
            else if (!IsBatch(op[0], axes[i]) || before != 0 || after != 0)
                return Because.AlongRows;
        }
        return op.Of(dims);
    }

    private static bool IsBatch(Value value, long axis) => value.IsRows && (axis == 0 || axis == -value.Dims!.Count);

    private static long? Cut(long? length, long start, long end) => length is { } all ? Math.Max(0, Axes.Place(end, all) - Axes.Place(start, all)) : null;
}
