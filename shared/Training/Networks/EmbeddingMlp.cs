using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Features;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>Fully connected layers on the numbers and on a learned vector for each categorical column.</summary>
internal sealed class EmbeddingMlp : Network
{
    private readonly RowLayout _layout;
    private readonly Embedding[] _vectors;
    private readonly Mlp _mlp;

    public EmbeddingMlp(EmbeddingMlpSpec spec, RowLayout layout, int outputs)
    {
        _layout = layout;
        var widths = layout.Codes.Select(codes => spec.DimensionsOf(codes.Count)).ToList();
        _vectors = [.. layout.Codes.Zip(widths, (codes, width) => Embeddings.Create(codes.Count, width, deviation: 1))];
        _mlp = new Mlp(layout.Numbers.Sum(places => places.Width) + widths.Sum(), spec.Hidden, spec.Activation, outputs);
    }

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers =>
        [.. _layout.Codes.Zip(_vectors, (codes, vectors) => ($"embedding.{codes.Name}", (nn.Module)vectors)), .. _mlp.Layers];

    public override Tensor Forward(Tensor input, TrainingPass? pass)
    {
        var vectors = _vectors.Zip(_layout.Codes, (vectors, codes) => vectors.forward(codes.CodesOf(input)).flatten(1));
        return _mlp.Forward(cat([.. _layout.NumbersOf(input), .. vectors], 1), pass);
    }

    public override string Export(GraphBuilder graph, string input)
    {
        var parts = _layout.NumbersOf(graph, input).ToList();
        foreach (var (vectors, codes) in _vectors.Zip(_layout.Codes))
            parts.Add(graph.Node("Reshape", [vectors.Export(graph, codes.CodesOf(graph, input)), graph.Integers("network/vector", 0, vectors.weight!.shape[1])]));
        return _mlp.Export(graph, graph.Concat(parts));
    }
}
