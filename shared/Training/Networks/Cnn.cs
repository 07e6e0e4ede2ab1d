using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>3×3 convolutions, each with its activation and 2×2 max pooling while the image is large enough, then an MLP.</summary>
internal sealed class Cnn : Network
{
    private readonly long[] _shape;
    private readonly Conv2d[] _convolutions;
    private readonly bool[] _pools;
    private readonly Activation _activation;
    private readonly Mlp _head;

    public Cnn(CnnSpec spec, int inputs, int outputs)
    {
        if (spec.Shape.Aggregate(1L, (product, size) => product * size) != inputs)
            throw Fault.Invalid("model.shape", $"[{string.Join(", ", spec.Shape)}] does not hold the {inputs} features of a row; a shape whose product is {inputs} is accepted");
        _shape = [.. spec.Shape.Select(size => (long)size)];
        _activation = spec.Activation;
        int[] channels = [spec.Shape[0], .. spec.Channels];
        _convolutions = [.. spec.Channels.Select((width, layer) => nn.Conv2d(channels[layer], width, kernel_size: 3, padding: 1L))];

        var (height, width) = (spec.Shape[1], spec.Shape[2]);
        _pools = new bool[_convolutions.Length];
        for (var layer = 0; layer < _pools.Length; layer++)
        {
            _pools[layer] = height >= 2 && width >= 2;
            if (_pools[layer])
                (height, width) = (height / 2, width / 2);
        }
        _head = new Mlp(new MlpSpec { Hidden = spec.Hidden, Activation = spec.Activation }, channels[^1] * height * width, outputs);
        Layers = [.. _convolutions.Select((layer, index) => ($"convolution{index + 1}", (nn.Module)layer)), .. _head.Layers];
    }

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers { get; }

    public override Tensor Forward(Tensor input, Dropout? dropout)
    {
        var images = input.view(-1, _shape[0], _shape[1], _shape[2]);
        for (var layer = 0; layer < _convolutions.Length; layer++)
        {
            images = _activation.Apply(_convolutions[layer].forward(images));
            if (_pools[layer])
                images = nn.functional.max_pool2d(images, 2);
        }
        return _head.Forward(images.flatten(1), dropout);
    }

    public override string Export(GraphBuilder graph, string input)
    {
        var images = graph.Node("Reshape", [input, graph.Integers("network/shape", [-1, .. _shape])]);
        for (var layer = 0; layer < _convolutions.Length; layer++)
        {
            var convolution = _convolutions[layer];
            var weight = graph.Floats("network/kernel", convolution.weight!.ToFloats(), convolution.weight!.shape);
            var bias = graph.Floats("network/bias", convolution.bias!.ToFloats(), convolution.bias!.shape);
            images = graph.Node("Conv", [images, weight, bias], GraphBuilder.Attribute("kernel_shape", [3L, 3]), GraphBuilder.Attribute("pads", [1L, 1, 1, 1]));
            images = _activation.Export(graph, images);
            if (_pools[layer])
                images = graph.Node("MaxPool", [images], GraphBuilder.Attribute("kernel_shape", [2L, 2]), GraphBuilder.Attribute("strides", [2L, 2]));
        }
        return _head.Export(graph, graph.Node("Flatten", [images], GraphBuilder.Attribute("axis", 1L)));
    }
}
