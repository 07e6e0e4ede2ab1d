using Mlops.Onnx.Format;

namespace Mlops.Onnx.Rows;

/// <summary>What is known of constants that a model holds.</summary>
internal static class Constants
{
    /// <summary>Of an initializer; its elements too, where they may be axes, sizes or switches.</summary>
    public static Value Of(TensorProto tensor) =>
        Value.Constant([.. tensor.Dims.Select(dim => (long?)dim)], tensor.Dims.Count <= 1 ? Tensors.Integers(tensor) : null);

    /// <summary>Of a node of operator Constant, whose one attribute says in its name what it is.</summary>
    public static Value Of(NodeProto node) => node.Attribute.FirstOrDefault(attribute => attribute.Name.StartsWith("value", StringComparison.Ordinal)) switch
    {
        { Name: "value", T: { } tensor } => Of(tensor),
        { Name: "value_int" } attribute => Value.Constant([], [attribute.I]),
        { Name: "value_ints" } attribute => Value.Constant([attribute.Ints.Count], attribute.Ints),
        { Name: "value_float" or "value_string" } => Value.Constant([]),
        { Name: "value_floats" } attribute => Value.Constant([attribute.Floats.Count]),
        { Name: "value_strings" } attribute => Value.Constant([attribute.Strings.Count]),
        _ => Value.Constant(null), // sparse_value
    };
}
