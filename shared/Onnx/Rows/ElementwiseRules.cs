namespace Mlops.Onnx.Rows;

/// <summary>Operators that make each element of one element, or of the elements in its place in several tensors.</summary>
internal static class ElementwiseRules
{
    /// <summary>Each element of the first input's.</summary>
    public static Value Same(Operation op) => op[0].IsRows ? Value.Rows(op[0].Dims!) : Value.Constant(op[0].Dims);

    public static Value Broadcast(Operation op) => Broadcast([.. op.Inputs.Where(input => !input.IsAbsent)]);

    /// <summary>
    /// Tensors laid over each other, aligned at the last axis: a constant of fewer dimensions never meets the first axis of
    /// rows, but rows of fewer dimensions than others would meet the others' columns.
    /// </summary>
    public static Value Broadcast(params IReadOnlyList<Value> operands)
    {
        if (operands.Any(operand => operand.Dims is null))
            return operands.Any(operand => operand.IsRows) ? Because.UnknownShape : Value.Constant(null);
        var dims = Overlay(operands.Select(operand => operand.Dims!));
        if (operands.FirstOrDefault(operand => operand.IsRows) is not { Dims.Count: var rank })
            return Value.Constant(dims);
        foreach (var operand in operands)
        {
            if (operand.IsRows ? operand.Dims!.Count != rank : operand.Dims!.Count > rank)
                return Because.Ranks(rank, operand.Dims.Count);
            if (!operand.IsRows && operand.Dims.Count == rank && operand.Dims[0] != 1)
                return Because.ConstantAlongRows(operand.Dims);
        }
        return Value.Rows(dims);
    }

    /// <summary>The dimensions of what comes of tensors laid over each other.</summary>
    public static IReadOnlyList<long?> Overlay(params IEnumerable<IReadOnlyList<long?>> shapes) => shapes.Aggregate(
        (IReadOnlyList<long?>)[],
        (left, right) => [.. Enumerable.Range(1, Math.Max(left.Count, right.Count)).Reverse().Select(fromEnd => Overlay(At(left, fromEnd), At(right, fromEnd)))]);

    private static long? At(IReadOnlyList<long?> dims, int fromEnd) => fromEnd <= dims.Count ? dims[^fromEnd] : 1;

    // A length that is not known may be 1.
    private static long? Overlay(long? left, long? right) => (left, right) switch
    {
        (1, _) => right,
        (_, 1) => left,
        (null, > 1) => right,
        (null, _) => null,
        _ => left,
    };
}
