using Mlops.Contracts.Spec;
using Mlops.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>Self-attention, then a two-layer perceptron, each behind a layer normalisation and added to what it is given.</summary>
internal sealed class EncoderLayer
{
    private readonly string _name;
    private readonly int _width, _heads;
    private readonly Activation _activation;
    private readonly Norm _attentionNorm, _perceptronNorm;
    private readonly Linear _queriesKeysValues, _attended, _first, _second;

    public EncoderLayer(string name, TextTransformerSpec spec)
    {
        (_name, _width, _heads, _activation) = (name, spec.Width, spec.Heads, spec.Activation);
        _attentionNorm = Norm.Of(Normalization.Layer, $"{name}.attentionNorm", _width)!;
        _queriesKeysValues = nn.Linear(_width, 3 * _width);
        _attended = nn.Linear(_width, _width);
        _perceptronNorm = Norm.Of(Normalization.Layer, $"{name}.perceptronNorm", _width)!;
        _first = nn.Linear(_width, spec.Hidden);
        _second = nn.Linear(spec.Hidden, _width);
    }

    public IEnumerable<(string Name, nn.Module Module)> Layers =>
    [
        (_attentionNorm.Name, _attentionNorm.Module), ($"{_name}.queriesKeysValues", _queriesKeysValues), ($"{_name}.attended", _attended),
        (_perceptronNorm.Name, _perceptronNorm.Module), ($"{_name}.first", _first), ($"{_name}.second", _second),
    ];

    private int HeadWidth => _width / _heads;

    private float Scale => 1 / MathF.Sqrt(HeadWidth);

    /// <param name="values">[words, width].</param>
    /// <param name="texts">Which texts the words are of.</param>
    /// <param name="dropout">Null outside training.</param>
    public Tensor Forward(Tensor values, PackedTexts texts, Dropout? dropout)
    {
        var training = dropout is not null;
        var heads = texts.Unpack(_queriesKeysValues.forward(_attentionNorm.Forward(values, training)))
            .view(texts.Rows, texts.Length, 3, _heads, HeadWidth).permute(2, 0, 3, 1, 4).unbind(0);
        // In one: the weights of all words by all words, which no memory holds, are not switched off by dropout.
        var attended = texts.Pack(nn.functional.scaled_dot_product_attention(heads[0], heads[1], heads[2], texts.Hidden).transpose(1, 2).reshape(-1, _width));
        values = values + Drop(_attended.forward(attended));
        var units = _activation.Apply(_first.forward(_perceptronNorm.Forward(values, training)));
        return values + Drop(_second.forward(Drop(units)));

        Tensor Drop(Tensor input) => dropout?.Apply(input) ?? input;
    }

    /// <summary>The same in a graph, for texts that are all of one length.</summary>
    public string Export(GraphBuilder graph, string values, string hidden, long length)
    {
        var all = _queriesKeysValues.Export(graph, _attentionNorm.Export(graph, values));
        var queries = graph.Node("Mul", [Heads(0, 0, 2, 1, 3), graph.Floats("network/scale", [Scale], 1)]);
        var scores = graph.Node("Add", [graph.Node("MatMul", [queries, Heads(1, 0, 2, 3, 1)]), hidden]);
        var weights = graph.Node("Softmax", [scores], GraphBuilder.Attribute("axis", -1L));
        var attended = graph.Node("Transpose", [graph.Node("MatMul", [weights, Heads(2, 0, 2, 1, 3)])], GraphBuilder.Attribute("perm", [0L, 2, 1, 3]));
        attended = graph.Node("Reshape", [attended, graph.Integers("network/shape", 0, length, _width)]);
        values = graph.Node("Add", [values, _attended.Export(graph, attended)]);
        var units = _activation.Export(graph, _first.Export(graph, _perceptronNorm.Export(graph, values)));
        return graph.Node("Add", [values, _second.Export(graph, units)]);

        string Heads(int part, params long[] order)
        {
            var vectors = graph.Slice(all, axis: 2, part * _width, _width);
            var heads = graph.Node("Reshape", [vectors, graph.Integers("network/heads", 0, length, _heads, HeadWidth)]);
            return graph.Node("Transpose", [heads], GraphBuilder.Attribute("perm", order));
        }
    }
}
