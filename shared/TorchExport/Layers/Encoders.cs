using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.TorchExport.Layers;

/// <summary>
/// Transformer encoders over [steps, batch, width], as TorchSharp has them: each half is normalised after it was added
/// (post-norm), and there is no other order of dimensions.
/// </summary>
internal static class Encoders
{
    public static string Export(TransformerEncoderLayer layer, ExportGraph graph, string input) =>
        Export(graph, input, [new EncoderBlock(NamedWeights.Of(layer))], layer.forward);

    public static string Export(TransformerEncoder layers, ExportGraph graph, string input)
    {
        var weights = NamedWeights.Of(layers);
        List<EncoderBlock> blocks = [];
        while (weights.Find($"layers.{blocks.Count}.norm1.weight") is not null)
            blocks.Add(new EncoderBlock(weights.Of($"layers.{blocks.Count}")));
        return Export(graph, input, blocks, values => layers.forward(values, null!, null!));
    }

    public static string Export(MultiheadAttention layer, ExportGraph graph, string query, string key, string value)
    {
        using var scope = NewDisposeScope();
        var weights = NamedWeights.Of(layer);
        var attention = new Attention(weights);
        var inputs = Probe.Inputs(weights["out_proj.weight"], attention.WidthOf(0), attention.WidthOf(1), attention.WidthOf(2));
        var expected = layer.forward(inputs[0], inputs[1], inputs[2], null, false, null).Item1;
        var heads = Probe.Find(graph, expected, attention.Heads, heads => attention.Forward(heads, inputs[0], inputs[1], inputs[2]));
        return attention.Export(graph, heads, query, key, value);
    }

    private static string Export(ExportGraph graph, string input, List<EncoderBlock> blocks, Func<Tensor, Tensor> forward)
    {
        using var scope = NewDisposeScope();
        var like = blocks[0].Weight;
        var probe = Probe.Inputs(like, blocks[0].Attention.Width)[0];
        var candidates = blocks[0].Attention.Heads.SelectMany(heads => new[] { (heads, Activation: nn.Activations.ReLU), (heads, Activation: nn.Activations.GELU) });
        var (heads, activation) = Probe.Find(graph, forward(probe), candidates, candidate =>
            blocks.Aggregate(probe, (values, block) => block.Forward(candidate.heads, candidate.Activation, values)));
        return blocks.Aggregate(input, (values, block) => block.Export(graph, heads, activation, values));
    }
}
