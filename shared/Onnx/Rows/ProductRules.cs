namespace Mlops.Onnx.Rows;

/// <summary>Products of matrices: harmless where no sum runs along the batch's axis.</summary>
internal static class ProductRules
{
    public static readonly Value SumsRows = Value.Mixed("sums along the rows");

    public static Value MatMul(Operation op) => MatMul(op[0], op[1]);

    /// <summary>
    /// The last two axes of each are a matrix (the one axis of a vector is summed away); the axes before them are laid over
    /// each other. The batch may be the rows of the left matrix, or the first of the axes before.
    /// </summary>
    public static Value MatMul(Value left, Value right)
    {
        if (left.Dims is not { Count: > 0 } a || right.Dims is not { Count: > 0 } b)
            return Because.UnknownShape;
        if ((left.IsRows && a.Count == 1) || (right.IsRows && b.Count <= 2))
            return SumsRows;
        if ((Refused(left, right) ?? Refused(right, left)) is { } refused)
            return refused;
        long?[] dims = [.. ElementwiseRules.Overlay([.. a.SkipLast(2)], [.. b.SkipLast(2)]), .. a.SkipLast(1).TakeLast(1), .. b.Count > 1 ? b.TakeLast(1) : []];
        return left.IsRows || right.IsRows ? Value.Rows(dims) : Value.Constant(dims);
    }

    /// <summary>Rows · B (transposed or not) + C.</summary>
    public static Value Gemm(Operation op)
    {
        if (!op.HasRows)
            return Value.Constant(null);
        if (Rows(op, op[1]) is not { } product)
            return SumsRows;
        return op[2].IsAbsent ? product : ElementwiseRules.Broadcast(product, op[2]);
    }

    /// <summary>Scales and zero points follow each operand; what belongs to A and to the result is one number, what belongs to B may be one for each column.</summary>
    public static Value QuantizedGemm(Operation op)
    {
        if (!Scalars(op, 1, 2, 7, 8) || !Vectors(op, 4, 5))
            return QuantizationRules.PerRow;
        if (Rows(op, op[3]) is not { } product)
            return SumsRows;
        return op[6].IsAbsent ? product : ElementwiseRules.Broadcast(product, op[6]);
    }

    public static Value MatMulInteger(Operation op) => Scalars(op, 2) && Vectors(op, 3) ? MatMul(op[0], op[1]) : QuantizationRules.PerRow;

    public static Value MatMulIntegerToFloat(Operation op) =>
        Scalars(op, 2, 4) && Vectors(op, 3, 5, 6) ? MatMul(op[0], op[1]) : QuantizationRules.PerRow;

    public static Value QuantizedMatMul(Operation op) =>
        Scalars(op, 1, 2, 6, 7) && Vectors(op, 4, 5) ? MatMul(op[0], op[3]) : QuantizationRules.PerRow;

    /// <summary>The matrix is packed; an attribute says how many columns it has.</summary>
    public static Value MatMulNBits(Operation op) =>
        op[0].Dims!.Count > 1 ? op.Of([.. op[0].Dims!.SkipLast(1), op.Integer("N")]) : SumsRows;

    /// <summary>The distance of each row to each row of a constant.</summary>
    public static Value Distances(Operation op) => op[0].Dims!.Count == 2 ? op.Of(null, op[1].Dims is [var points, _] ? points : null) : Because.OneRow;

    private static Value? Rows(Operation op, Value matrix) =>
        op[0] is { IsRows: true, Dims.Count: 2 } && op.Integer("transA") == 0 && matrix.IsConstant
            ? Value.Rows([null, matrix.Dims is { Count: 2 } dims ? dims[op.Integer("transB") == 0 ? 1 : 0] : null])
            : null;

    private static Value? Refused(Value rows, Value other)
    {
        if (!rows.IsRows)
            return null;
        if (other.Dims!.Count > rows.Dims!.Count)
            return Because.Ranks(rows.Dims.Count, other.Dims.Count);
        return other.IsConstant && rows.Dims.Count > 2 && other.Dims.Count == rows.Dims.Count && other.Dims[0] != 1 ? Because.ConstantAlongRows(other.Dims) : null;
    }

    private static bool Scalars(Operation op, params IEnumerable<int> inputs) => inputs.All(input => op[input].IsScalar);

    private static bool Vectors(Operation op, params IEnumerable<int> inputs) => inputs.All(input => op[input].IsVector);
}
