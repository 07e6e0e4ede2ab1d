using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Gradients;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>Fully connected layers: each hidden one with its activation and dropout, then the output.</summary>
internal sealed class Mlp : Network
{
    private readonly Linear[] _layers;
    private readonly Activation _activation;

    public Mlp(int inputs, IReadOnlyList<int> hidden, Activation activation, int outputs)
    {
        _activation = activation;
        int[] widths = [inputs, .. hidden, outputs];
        _layers = [.. widths.Skip(1).Select((width, layer) => nn.Linear(widths[layer], width))];
    }

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers =>
        [.. _layers.Select((layer, index) => (index < _layers.Length - 1 ? $"hidden{index + 1}" : "output", (nn.Module)layer))];

    public override LayerStack? Stack => new(_activation);

    public override Tensor Forward(Tensor input, TrainingPass? pass)
    {
        var values = input;
        foreach (var layer in _layers.AsSpan(0, _layers.Length - 1))
        {
            values = _activation.Apply(pass.Through(layer, values));
            values = pass.Drop(values);
        }
        return pass.Through(_layers[^1], values);
    }

    public override string Export(GraphBuilder graph, string input)
    {
        var values = input;
        foreach (var layer in _layers)
        {
            if (layer != _layers[0])
                values = _activation.Export(graph, values);
            values = layer.Export(graph, values);
        }
        return values;
    }
}
