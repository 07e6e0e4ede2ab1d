namespace Mlops.Onnx.Rows;

/// <summary>Operators that look elements up by their places.</summary>
internal static class LookupRules
{
    /// <summary>Rows of places in a constant table, or constant places inside rows.</summary>
    public static Value Gather(Operation op)
    {
        var (table, places) = (op[0], op[1]);
        if (table.IsRows && places.IsRows)
            return Value.Mixed("looks up rows by what rows of the batch say");
        if (table.Dims is null || places.Dims is null)
            return Because.UnknownShape;
        if (Axes.Within(table, op.Integer("axis")) is not { } axis)
            return Because.AlongRows;
        if (places.IsRows && axis != 0)
            return Because.MovesRows;
        return op.Of(Axes.Replace(table.Dims, axis, places.Dims));
    }

    /// <summary>An element for each place, both inside the same row.</summary>
    public static Value GatherElements(Operation op)
    {
        if (!op[0].IsRows || !op[1].IsRows)
            return Value.Mixed("takes a constant for each row");
        return Axes.Within(op[0], op.Integer("axis")) is null ? Because.AlongRows : op.Of(op[1].Dims!);
    }

    /// <summary>The indicators stand along an axis of the result, the last unless said.</summary>
    public static Value OneHot(Operation op)
    {
        var rank = op[0].Dims!.Count + 1;
        var axis = (int)op.Integer("axis", -1);
        if (axis < 0)
            axis += rank;
        return axis > 0 && axis < rank ? op.Of([.. op[0].Dims!.Take(axis), null, .. op[0].Dims!.Skip(axis)]) : Because.MovesRows;
    }

    /// <summary>
    /// Constant places along the last axis. Places of the batch in a constant come out along the last axis too, not the first:
    /// with one place for each row, in a vector or a matrix of one row, that is the batch turned.
    /// </summary>
    public static Value ArrayFeatureExtractor(Operation op)
    {
        if (op[1].IsRows)
            return op[0].IsConstant && op[0].Dims is [_] or [1, _] && Axes.Product(op[1].Dims!.Skip(1)) == 1 ? Because.TurnsRows : Because.MovesRows;
        return op[0].Dims is { Count: > 1 } dims ? op.Of([.. dims.SkipLast(1), op[1].Dims is { } places ? Axes.Product(places) : null]) : Because.AlongRows;
    }
}
