using Mlops.Onnx;
using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>
/// Multi-head attention over [steps, batch, width] (Vaswani et al., "Attention Is All You Need", 2017), as a graph and as
/// tensors: TorchSharp does not tell how many heads a layer has, so the layer's answers are compared with those of each number.
/// </summary>
/// <param name="weights">Of a <c>MultiheadAttention</c>.</param>
internal sealed class Attention(NamedWeights weights)
{
    private static readonly string[] Sides = ["q", "k", "v"];

    public long Width => weights["out_proj.weight"].shape[0];

    /// <summary>Numbers of heads that the width allows.</summary>
    public IEnumerable<long> Heads => Enumerable.Range(1, (int)Width).Select(heads => (long)heads).Where(heads => Width % heads == 0);

    /// <summary>Width of what the query, the key or the value is.</summary>
    public long WidthOf(int side) => Projection(side).Weight.shape[1];

    public Tensor Forward(long heads, Tensor query, Tensor key, Tensor value)
    {
        var (queries, keys, values) = (Split(Project(0, query), heads), Split(Project(1, key), heads), Split(Project(2, value), heads));
        var shares = (queries / Math.Sqrt(Width / heads)).matmul(keys.transpose(1, 2)).softmax(-1);
        var mixed = shares.matmul(values).transpose(0, 1).reshape(query.shape[0], query.shape[1], Width);
        return nn.functional.linear(mixed, weights["out_proj.weight"], weights.Find("out_proj.bias"));
    }

    public string Export(ExportGraph graph, long heads, string query, string key, string value)
    {
        if (weights.Find("bias_k") is not null)
            throw graph.Refuse("add_bias_kv is not accepted; attention without it is");
        using var scope = NewDisposeScope();
        var queries = graph.Node("Mul", [Split(graph, Project(graph, 0, query), heads, [1, 0, 2]), graph.Number("scale", 1 / Math.Sqrt(Width / heads))]);
        var keys = Split(graph, Project(graph, 1, key), heads, [1, 2, 0]);
        var values = Split(graph, Project(graph, 2, value), heads, [1, 0, 2]);
        var shares = graph.Node("Softmax", [graph.Node("MatMul", [queries, keys])], GraphBuilder.Attribute("axis", -1));
        var mixed = graph.Node("Transpose", [graph.Node("MatMul", [shares, values])], GraphBuilder.Attribute("perm", [1L, 0, 2]));
        var joined = graph.Node("Reshape", [mixed, graph.Integers("joined", 0, -1, Width)]);
        return Dense.Export(graph, joined, weights.NameOf("out_proj.weight"), weights["out_proj.weight"], weights.NameOf("out_proj.bias"), weights.Find("out_proj.bias"));
    }

    // [steps, batch, heads · part] → [batch · heads, steps, part]
    private Tensor Split(Tensor values, long heads) => values.reshape(values.shape[0], -1, Width / heads).transpose(0, 1);

    private string Split(ExportGraph graph, string values, long heads, long[] order)
    {
        var parts = graph.Node("Reshape", [values, graph.Integers("split", 0, -1, Width / heads)]);
        return graph.Node("Transpose", [parts], GraphBuilder.Attribute("perm", order));
    }

    private Tensor Project(int side, Tensor input)
    {
        var (weight, bias) = Projection(side);
        return nn.functional.linear(input, weight, bias);
    }

    private string Project(ExportGraph graph, int side, string input)
    {
        var (weight, bias) = Projection(side);
        return Dense.Export(graph, input, weights.NameOf($"{Sides[side]}_weight"), weight, weights.NameOf($"{Sides[side]}_bias"), bias);
    }

    // One matrix for all three, or one each where keys or values have a width of their own.
    private (Tensor Weight, Tensor? Bias) Projection(int side) => (
        weights.Find("in_proj_weight")?.narrow(0, side * Width, Width) ?? weights[$"{Sides[side]}_proj_weight"],
        weights.Find("in_proj_bias")?.narrow(0, side * Width, Width));
}
