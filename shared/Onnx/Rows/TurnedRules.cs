namespace Mlops.Onnx.Rows;

/// <summary>
/// How a batch that an operator laid along the last axis, [1, rows], is turned back: converters of scikit-learn models look
/// class names up with ArrayFeatureExtractor, which answers so, and reshape the answer.
/// </summary>
internal static class TurnedRules
{
    /// <summary>What becomes of a turned first input beside constants; null: nothing that is known.</summary>
    public static Value? Judge(Operation op)
    {
        if (!op[0].IsTurned || !op.Inputs.Skip(1).All(input => input.IsConstant))
            return null;
        // Element by element it stays as it is; a reshape sees its elements in their order, as it would those of a vector.
        var vector = op with { Inputs = [Value.Rows([null]), .. op.Inputs.Skip(1)] };
        return op.Node.OpType switch
        {
            "Cast" or "Identity" or "LabelEncoder" when Proved(vector) is not null => op[0],
            "Reshape" when op[1].Integers is [-1, ..] => Proved(vector),
            _ => null,
        };
    }

    private static Value? Proved(Operation op) => RowRules.Judge(op) is { IsRows: true } rows ? rows : null;
}
