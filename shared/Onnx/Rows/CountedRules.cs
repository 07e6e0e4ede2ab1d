using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Onnx.Rows;

/// <summary>
/// Lengths of axes that a graph reads from its rows, picks from, puts together and reshapes by: exporters of PyTorch models
/// write so what keeps the batch, such as <c>x.view(x.size(0), -1)</c>. Any other use of them is none that is known.
/// </summary>
internal static class CountedRules
{
    public const string Why = "reads how many rows there are";

    /// <summary>The lengths of all axes, or of those from a start to an end.</summary>
    public static Value Shape(Operation op)
    {
        var rank = op[0].Dims!.Count;
        Length[] lengths = [.. op[0].Dims!.Select((dim, axis) => new Length(dim, op[0].IsRows && axis == 0))];
        var (start, end) = (Axes.Place(op.Integer("start"), rank), Axes.Place(op.Integer("end", rank), rank));
        return Value.Counted(Why, [Math.Max(0, end - start)], [.. lengths.Take((int)end).Skip((int)start)]);
    }

    /// <summary>What becomes of lengths beside constants, or of rows that are reshaped by them; null: nothing that is known.</summary>
    public static Value? Judge(Operation op)
    {
        if (GraphChecker.DomainOf(op.Node.Domain).Length > 0 || op.Opset is < RowRules.FirstOpset or > RowRules.LastOpset)
            return null;
        if (op.Node.OpType == "Reshape")
            return Reshape(op);
        if (op.Node.OpType == "Concat")
            return Concat(op);
        if (op[0] is not { Lengths: { } lengths, Why: { } why, Dims: { } dims } || !op.Inputs.Skip(1).All(input => input.IsConstant))
            return null;
        return op.Node.OpType switch
        {
            "Identity" => op[0],
            "Cast" when op.Integer("to") is (long)DataType.Int64 or (long)DataType.Int32 => op[0],
            "Unsqueeze" when dims is [] && op.Integers("axes", 1, []) is [0 or -1] => Value.Counted(why, [1], lengths),
            "Squeeze" when dims is [1] => Value.Counted(why, [], lengths),
            "Gather" when dims is [_] && op[1] is { Integers: { } places, Dims: { } picked } => Pick(lengths, places) is { } chosen ? Value.Counted(why, picked, chosen) : null,
            "Slice" when dims is [_] => Slice(op, why, lengths),
            _ => null,
        };
    }

    /// <summary>With as many rows as there are, and none of the lengths after it the batch's, each row keeps its elements.</summary>
    private static Value? Reshape(Operation op)
    {
        if (!op[0].IsRows || op[1].Lengths is not [{ IsRows: true }, ..] || op.Integer("allowzero") != 0)
            return null;
        Length[] others = [.. op[1].Lengths!.Skip(1)];
        if (others.Any(length => length.IsRows))
            return null;
        return others.All(length => length.Known is not null)
            ? ShapeRules.Reshape(op, [0, .. others.Select(length => length.Known!.Value)])
            : Value.Rows([null, .. others.Select(_ => (long?)null)]);
    }

    private static Value? Concat(Operation op)
    {
        if (op.Integer("axis") is not (0 or -1) || op.Inputs.FirstOrDefault(input => input.Lengths is not null) is not { Why: { } why })
            return null;
        var parts = op.Inputs.Select(input => input.Dims is [_] ? input.Lengths ?? input.Integers?.Select(integer => new Length(integer)) : null).ToArray();
        if (parts.Contains(null))
            return null;
        Length[] lengths = [.. parts.SelectMany(part => part!)];
        return Value.Counted(why, [lengths.Length], lengths);
    }

    private static Value? Slice(Operation op, string why, IReadOnlyList<Length> lengths)
    {
        if (op.Integers("starts", 1, []) is not [var start] || op.Integers("ends", 2, []) is not [var end]
            || op.Integers("axes", 3, [0]) is not [0 or -1] || op.Integers("steps", 4, [1]) is not [1])
            return null;
        Length[] cut = [.. lengths.Take((int)Axes.Place(end, lengths.Count)).Skip((int)Axes.Place(start, lengths.Count))];
        return Value.Counted(why, [cut.Length], cut);
    }

    private static Length[]? Pick(IReadOnlyList<Length> lengths, IReadOnlyList<long> places)
    {
        long[] counted = [.. places.Select(place => place < 0 ? place + lengths.Count : place)];
        return counted.All(place => place >= 0 && place < lengths.Count) ? [.. counted.Select(place => lengths[(int)place])] : null;
    }
}
