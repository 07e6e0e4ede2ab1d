using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>Attention and two fully connected layers, each added to its input and normalised, as a graph and as tensors.</summary>
/// <param name="weights">Of a <c>TransformerEncoderLayer</c>.</param>
internal sealed class EncoderBlock(NamedWeights weights)
{
    private const double Epsilon = 1e-5;

    public Attention Attention { get; } = new(weights.Of("self_attn"));

    public Tensor Weight => weights["norm1.weight"];

    public Tensor Forward(long heads, nn.Activations activation, Tensor input)
    {
        var attended = Norm("norm1", input + Attention.Forward(heads, input, input, input));
        var hidden = nn.functional.linear(attended, weights["linear1.weight"], weights["linear1.bias"]);
        var active = activation == nn.Activations.GELU ? nn.functional.gelu(hidden) : hidden.relu();
        return Norm("norm2", attended + nn.functional.linear(active, weights["linear2.weight"], weights["linear2.bias"]));
    }

    public string Export(ExportGraph graph, long heads, nn.Activations activation, string input)
    {
        var attended = Norm(graph, "norm1", graph.Node("Add", [input, Attention.Export(graph, heads, input, input, input)]));
        var hidden = Linear(graph, "linear1", attended);
        var active = activation == nn.Activations.GELU ? Gates.ExportGelu(graph, hidden) : graph.Node("Relu", [hidden]);
        return Norm(graph, "norm2", graph.Node("Add", [attended, Linear(graph, "linear2", active)]));
    }

    private Tensor Norm(string name, Tensor values) =>
        nn.functional.layer_norm(values, [Attention.Width], weights[$"{name}.weight"], weights[$"{name}.bias"], Epsilon);

    private string Norm(ExportGraph graph, string name, string values) => Norms.ExportLast(
        graph, values, Constant(graph, $"{name}.weight"), Constant(graph, $"{name}.bias"), 1, Epsilon);

    private string Linear(ExportGraph graph, string name, string values) => Dense.Export(
        graph, values, weights.NameOf($"{name}.weight"), weights[$"{name}.weight"], weights.NameOf($"{name}.bias"), weights[$"{name}.bias"]);

    private string Constant(ExportGraph graph, string name) => graph.Weight(weights.NameOf(name), weights[name]);
}
