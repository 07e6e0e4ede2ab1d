using Mlops.Onnx.Format;

namespace Mlops.Onnx.Rows;

/// <summary>One output of a node, with what is known of the node's inputs: what a rule judges. Inputs are constants or rows, never mixed.</summary>
/// <param name="Node">The node.</param>
/// <param name="Output">Which of its outputs.</param>
/// <param name="Inputs">In the node's order; those left out are <see cref="Value.Absent"/>.</param>
/// <param name="Opset">The version of the node's domain that the model imports.</param>
internal sealed record Operation(NodeProto Node, int Output, IReadOnlyList<Value> Inputs, long Opset)
{
    /// <summary>An input; <see cref="Value.Absent"/> where it is left out.</summary>
    public Value this[int input] => input < Inputs.Count ? Inputs[input] : Value.Absent;

    /// <summary>Whether the answer depends on the graph's inputs.</summary>
    public bool HasRows => Inputs.Any(input => input.IsRows);

    /// <summary>A result of these dimensions: rows if an input is, else a constant.</summary>
    public Value Of(params IReadOnlyList<long?> dims) => HasRows ? Value.Rows(dims) : Value.Constant(dims);

    public long Integer(string attribute, long otherwise = 0) => Find(attribute)?.I ?? otherwise;

    public string Text(string attribute) => Find(attribute)?.S.ToStringUtf8() ?? "";

    public IReadOnlyList<long>? Integers(string attribute) => Find(attribute)?.Ints;

    /// <summary>Integers that older operator sets keep in an attribute and newer ones in an input.</summary>
    /// <returns>Null: there is such an input, but what it holds is not known.</returns>
    public IReadOnlyList<long>? Integers(string attribute, int input, IReadOnlyList<long> otherwise) =>
        Integers(attribute) ?? (this[input].IsAbsent ? otherwise : this[input].Integers);

    /// <summary>How many texts an attribute lists.</summary>
    public int Texts(string attribute) => Find(attribute)?.Strings.Count ?? 0;

    /// <summary>How many elements the longest list of numbers among the attributes has.</summary>
    public int LongestList => Node.Attribute.Select(attribute => Math.Max(attribute.Floats.Count, attribute.Ints.Count)).DefaultIfEmpty().Max();

    private AttributeProto? Find(string name) => Node.Attribute.FirstOrDefault(attribute => attribute.Name == name);
}
