using Mlops.Contracts.Spec;
using Mlops.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>Fully connected blocks, each of which adds to what it is given.</summary>
internal sealed class ResidualMlp : Network
{
    private readonly Activation _activation;
    private readonly Linear _input, _output;
    private readonly Block[] _blocks;
    private readonly Norm? _norm;

    public ResidualMlp(ResidualMlpSpec spec, int inputs, int outputs)
    {
        _activation = spec.Activation;
        _input = nn.Linear(inputs, spec.Width);
        _blocks = [.. Enumerable.Range(1, spec.Blocks).Select(number => new Block(
            $"block{number}", Norm.Of(spec.Normalization, $"block{number}.norm", spec.Width), nn.Linear(spec.Width, spec.Hidden), nn.Linear(spec.Hidden, spec.Width)))];
        _norm = Norm.Of(spec.Normalization, "norm", spec.Width);
        _output = nn.Linear(spec.Width, outputs);
        NeedsSeveralRows = spec.Normalization == Normalization.Batch;
        Layers =
        [
            ("input", _input),
            .. _blocks.SelectMany(block => block.Layers),
            .. _norm is null ? [] : new[] { (_norm.Name, _norm.Module) },
            ("output", _output),
        ];
    }

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers { get; }

    public override bool NeedsSeveralRows { get; }

    public override Tensor Forward(Tensor input, TrainingPass? pass)
    {
        var training = pass is not null;
        var values = pass.Through(_input, input);
        foreach (var block in _blocks)
        {
            var change = _activation.Apply(pass.Through(block.First, block.Norm?.Forward(values, training) ?? values));
            values = values + pass.Through(block.Second, pass.Drop(change));
        }
        return pass.Through(_output, _activation.Apply(_norm?.Forward(values, training) ?? values));
    }

    public override string Export(GraphBuilder graph, string input)
    {
        var values = _input.Export(graph, input);
        foreach (var block in _blocks)
        {
            var change = block.First.Export(graph, block.Norm?.Export(graph, values) ?? values);
            values = graph.Node("Add", [values, block.Second.Export(graph, _activation.Export(graph, change))]);
        }
        return _output.Export(graph, _activation.Export(graph, _norm?.Export(graph, values) ?? values));
    }

    private sealed record Block(string Name, Norm? Norm, Linear First, Linear Second)
    {
        public IEnumerable<(string Name, nn.Module Module)> Layers =>
            [.. Norm is null ? [] : new[] { (Norm.Name, Norm.Module) }, ($"{Name}.first", First), ($"{Name}.second", Second)];
    }
}
