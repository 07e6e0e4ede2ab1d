using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using TorchSharp.Modules;
using static TorchSharp.torch;
using DataType = Mlops.Onnx.Format.TensorProto.Types.DataType;

namespace Mlops.Training.Networks;

/// <summary>An encoder over the words of a text, whose mean, with all other numbers of the row, a linear head answers from.</summary>
internal sealed class TextTransformer : Network
{
    private readonly RowLayout _layout;
    private readonly RowLayout.CodePlaces _tokens;
    private readonly Embedding _words, _places;
    private readonly EncoderLayer[] _encoder;
    private readonly Norm _norm;
    private readonly Linear _output;

    public TextTransformer(TextTransformerSpec spec, RowLayout layout, int outputs)
    {
        _layout = layout;
        _tokens = layout.Codes.Single(codes => codes.AreTokens);
        var deviation = 1 / Math.Sqrt(spec.Width);
        _words = Embeddings.Create(_tokens.Count, spec.Width, deviation);
        _places = Embeddings.Create(_tokens.Width, spec.Width, deviation);
        _encoder = [.. Enumerable.Range(1, spec.Layers).Select(number => new EncoderLayer($"layer{number}", spec))];
        _norm = Norm.Of(Normalization.Layer, "norm", spec.Width)!;
        _output = nn.Linear(spec.Width + layout.Numbers.Sum(places => places.Width), outputs);
    }

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers =>
        [("words", _words), ("places", _places), .. _encoder.SelectMany(layer => layer.Layers), (_norm.Name, _norm.Module), ("output", _output)];

    public override Tensor Forward(Tensor input, Dropout? dropout)
    {
        var tokens = _tokens.CodesOf(input);
        // What is behind the longest text changes nothing.
        var longest = Math.Max(1, tokens.ne(0).sum(1).max().item<long>());
        tokens = tokens.narrow(1, 0, longest);
        var texts = new PackedTexts(tokens.ne(0));

        var values = _words.forward(texts.Pack(tokens.reshape(-1))) + _places.weight!.index_select(0, texts.Places);
        values = dropout?.Apply(values) ?? values;
        foreach (var layer in _encoder)
            values = layer.Forward(values, texts, dropout);
        return _output.forward(cat([texts.Mean(_norm.Forward(values, dropout is not null)), .. _layout.NumbersOf(input)], 1));
    }

    public override string Export(GraphBuilder graph, string input)
    {
        long length = _tokens.Width;
        var tokens = _tokens.CodesOf(graph, input);
        var there = graph.Node("Min", [graph.Cast(tokens, DataType.Float), graph.Floats("network/one", [1], 1)]);
        var hidden = graph.Node("Mul", [graph.Node("Sub", [there, graph.Floats("network/one", [1], 1)]), graph.Floats("network/masked", [-PackedTexts.Masked], 1)]);
        hidden = graph.Node("Reshape", [hidden, graph.Integers("network/mask", 0, 1, 1, length)]);

        var values = graph.Node("Add", [_words.Export(graph, tokens), graph.Floats("network/places", _places.weight!.ToFloats(), _places.weight!.shape)]);
        foreach (var layer in _encoder)
            values = layer.Export(graph, values, hidden, length);
        values = _norm.Export(graph, values);

        var sum = graph.Node("ReduceSum", [graph.Node("Mul", [values, graph.Node("Unsqueeze", [there, graph.Integers("network/axis", 2)])]), graph.Integers("network/axis", 1)], GraphBuilder.Attribute("keepdims", 0L));
        var count = graph.Node("Max", [graph.Node("ReduceSum", [there, graph.Integers("network/axis", 1)]), graph.Floats("network/one", [1], 1)]);
        return _output.Export(graph, graph.Concat([graph.Node("Div", [sum, count]), .. _layout.NumbersOf(graph, input)]));
    }
}
