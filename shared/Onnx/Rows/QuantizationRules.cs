namespace Mlops.Onnx.Rows;

/// <summary>Operators between numbers and their few bits: harmless where scales are fixed and none belongs to a place in the batch.</summary>
internal static class QuantizationRules
{
    public static readonly Value PerRow = Value.Mixed("may have a scale or zero point for each place in the batch");

    /// <summary>One scale, or one for each index of an axis inside the row.</summary>
    public static Value Linear(Operation op)
    {
        if (!op.HasRows || op[1].IsScalar)
            return ElementwiseRules.Same(op);
        return op[1].Dims is { Count: 1 } && Axes.Within(op[0], op.Integer("axis", 1)) is not null ? ElementwiseRules.Same(op) : PerRow;
    }

    /// <summary>One operand: it, its scale and zero point, those of the result.</summary>
    public static Value Unary(Operation op) => op.Inputs.Skip(1).All(input => input.IsScalar) ? ElementwiseRules.Same(op) : PerRow;

    /// <summary>Two operands laid over each other, a scale and a zero point after each, then those of the result.</summary>
    public static Value Binary(Operation op) =>
        new[] { 1, 2, 4, 5, 6, 7 }.All(input => op[input].IsScalar) ? ElementwiseRules.Broadcast(op[0], op[3]) : PerRow;
}
