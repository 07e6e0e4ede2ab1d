using Mlops.Onnx.Format;

namespace Mlops.Onnx;

/// <summary>
/// The nodes that may run in half precision: layers with weights, and what lies between two of them. Before the first layer
/// values still have the data's range, after the last one the target's; both stay in 32 bits.
/// </summary>
internal static class Float16Region
{
    private const float Largest = 65_504;

    // What may stand between two layers: operators whose data inputs and one output are all of one type.
    private static readonly HashSet<string> Between = new(StringComparer.Ordinal)
    {
        "Add", "Mul", "Sub", "MatMul", "Gemm", "Conv",
        "Relu", "LeakyRelu", "Elu", "Sigmoid", "Tanh",
        "MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool",
        "Identity", "Flatten", "Reshape", "Transpose", "Squeeze", "Unsqueeze",
    };

    // Their other inputs are shapes or axes.
    private static readonly HashSet<string> OnlyFirstIsData = new(StringComparer.Ordinal) { "Reshape", "Squeeze", "Unsqueeze" };

    /// <summary>The inputs that have the type of the node's output.</summary>
    public static IEnumerable<int> DataInputs(NodeProto node) =>
        Enumerable.Range(0, OnlyFirstIsData.Contains(node.OpType) ? Math.Min(1, node.Input.Count) : node.Input.Count)
            .Where(index => node.Input[index].Length > 0);

    /// <summary>The nodes of the region: layers, and what is reached from one and leads to another.</summary>
    public static IReadOnlySet<NodeProto> Find(GraphRewrite rewrite)
    {
        var after = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var values = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in rewrite.Nodes.Where(node => Fits(rewrite, node)))
        {
            if (IsLayer(rewrite, node) || DataInputs(node).Any(index => values.Contains(node.Input[index])))
            {
                after.Add(node);
                values.Add(node.Output[0]);
            }
        }
        var region = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in rewrite.Nodes.Reverse().Where(after.Contains))
        {
            if (IsLayer(rewrite, node) || wanted.Contains(node.Output[0]))
            {
                region.Add(node);
                wanted.UnionWith(DataInputs(node).Select(index => node.Input[index]));
            }
        }
        return region;
    }

    private static bool IsLayer(GraphRewrite rewrite, NodeProto node) =>
        node.OpType is "MatMul" or "Gemm" or "Conv" && node.Input.Count > 1 && rewrite.FloatConstant(node.Input[1]) is not null;

    private static bool Fits(GraphRewrite rewrite, NodeProto node) =>
        Between.Contains(node.OpType) && GraphRewrite.IsOnnx(node, node.OpType) && node.Output.Count == 1
        && DataInputs(node).Select(index => rewrite.FloatConstant(node.Input[index])).All(tensor => tensor is null || Fits(tensor));

    private static bool Fits(TensorProto tensor) => Tensors.Floats(tensor).All(value => Math.Abs(value) <= Largest);
}
