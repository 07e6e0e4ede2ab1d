namespace Mlops.Onnx.Rows;

/// <summary>Operators that bring together the elements along some axes: harmless where those are axes inside a row.</summary>
internal static class AxisRules
{
    /// <summary>Before operator set 13, everything from the axis on is one vector, and the axis is 1 unless said; since then it is one axis, the last.</summary>
    public static Value Softmax(Operation op) => Along(op, op.Opset < 13 ? 1 : -1);

    public static Value AlongLast(Operation op) => Along(op, -1);

    /// <summary>From the axis on, with a scale and a bias; mean and deviation are optional outputs.</summary>
    public static Value LayerNormalization(Operation op)
    {
        if (Axes.Within(op[0], op.Integer("axis", -1)) is not { } axis)
            return Because.AlongRows;
        if (ElementwiseRules.Broadcast(op) is { Why: not null } refused)
            return refused;
        return op.Output == 0 ? op.Of(op[0].Dims!) : op.Of([.. op[0].Dims!.Select((dim, i) => i < axis ? dim : 1)]);
    }

    /// <summary>Each row, or each channel of each row, for itself; scale and bias are vectors over the channels.</summary>
    public static Value ChannelNormalization(Operation op) =>
        op[0].Dims!.Count < 3 ? Because.FewDimensions : op[1].IsVector && op[2].IsVector ? op.Of(op[0].Dims!) : Because.UnknownShape;

    public static Value LocalResponseNormalization(Operation op) => op[0].Dims!.Count < 3 ? Because.FewDimensions : op.Of(op[0].Dims!);

    /// <summary>Axes 0, 2 and 3 unless others are said.</summary>
    public static Value MeanVarianceNormalization(Operation op) =>
        Axes.Within(op[0], op.Integers("axes") ?? [0, 2, 3]) is null ? Because.AlongRows : op.Of(op[0].Dims!);

    /// <summary>By given means and variances; in training, by those of the batch.</summary>
    public static Value BatchNormalization(Operation op)
    {
        if (op.Integer("training_mode") != 0 || op.Node.Output.Skip(1).Any(output => output.Length > 0))
            return Value.Mixed("normalises over the batch: it is in training mode");
        return op[0].Dims!.Count < 2 ? Because.FewDimensions : op.Of(op[0].Dims!);
    }

    public static Value Reduce(Operation op)
    {
        var every = op.Integer("noop_with_empty_axes") == 0 ? Axes.All(op[0].Dims!.Count) : [];
        if (op.Integers("axes", 1, []) is not { } axes)
            return Because.UnknownContent;
        return Reduced(op, [.. axes.Count == 0 ? every : axes]);
    }

    public static Value ArgMax(Operation op) => Reduced(op, op.Integer("axis"));

    /// <summary>Values and places of the largest, a number of them that one of the inputs says.</summary>
    public static Value TopK(Operation op) =>
        Axes.Within(op[0], op.Integer("axis", -1)) is { } axis ? op.Of(Axes.Replace(op[0].Dims!, axis, (long?)null)) : Because.AlongRows;

    public static Value Cumulate(Operation op) => op[1].Integers switch
    {
        [var axis] => Axes.Within(op[0], axis) is null ? Because.AlongRows : op.Of(op[0].Dims!),
        _ => Because.UnknownContent,
    };

    private static Value Along(Operation op, long otherwise) =>
        Axes.Within(op[0], op.Integer("axis", otherwise)) is null ? Because.AlongRows : op.Of(op[0].Dims!);

    private static Value Reduced(Operation op, params IReadOnlyList<long> axes)
    {
        if (Axes.Within(op[0], axes) is not { } reduced)
            return Because.AlongRows;
        var keep = op.Integer("keepdims", 1) != 0;
        return op.Of([.. op[0].Dims!.Select((dim, axis) => reduced.Contains(axis) ? 1 : dim).Where((_, axis) => keep || !reduced.Contains(axis))]);
    }
}
