using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Training.Gradients;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Mlops.Training.Networks;

/// <summary>
/// 3×3 convolutions, each with its normalisation, activation and 2×2 max pooling while the image is large enough, then an MLP of
/// what is left of the image, or of its averages.
/// </summary>
internal sealed class Cnn : Network
{
    private readonly long[] _shape;
    private readonly Conv2d[] _convolutions;
    private readonly Norm?[] _norms;
    private readonly ImageShape[] _images;
    private readonly bool _average;
    private readonly Activation _activation;
    private readonly Mlp _head;

    public Cnn(CnnSpec spec, int inputs, int outputs)
    {
        if (spec.Shape.Aggregate(1L, (product, size) => product * size) != inputs)
            throw Fault.Invalid("model.shape", $"[{string.Join(", ", spec.Shape)}] does not hold the {inputs} features of a row; a shape whose product is {inputs} is accepted");
        _shape = [.. spec.Shape.Select(size => (long)size)];
        _activation = spec.Activation;
        int[] channels = [spec.Shape[0], .. spec.Channels];
        NeedsSeveralRows = spec.Normalization == Normalization.Batch;
        _convolutions = [.. spec.Channels.Select((width, layer) => nn.Conv2d(channels[layer], width, kernel_size: 3, padding: 1L, bias: !NeedsSeveralRows))];
        _norms = [.. spec.Channels.Select((width, layer) => Norm.OfImages(spec.Normalization, $"norm{layer + 1}", width))];

        var (height, width) = (spec.Shape[1], spec.Shape[2]);
        _images = new ImageShape[_convolutions.Length];
        for (var layer = 0; layer < _images.Length; layer++)
        {
            _images[layer] = new ImageShape(channels[layer], height, width, Pools: height >= 2 && width >= 2);
            if (_images[layer].Pools)
                (height, width) = (height / 2, width / 2);
        }
        _average = spec.GlobalAveragePooling;
        _head = new Mlp(channels[^1] * (_average ? 1 : height * width), spec.Hidden, spec.Activation, outputs);
        Layers =
        [
            .. _convolutions.Select((layer, index) => ($"convolution{index + 1}", (nn.Module)layer)),
            .. _norms.OfType<Norm>().Select(norm => (norm.Name, norm.Module)),
            .. _head.Layers,
        ];
    }

    public override IReadOnlyList<(string Name, nn.Module Module)> Layers { get; }

    public override bool NeedsSeveralRows { get; }

    // Normalisations and averages are left to libtorch.
    public override LayerStack? Stack => NeedsSeveralRows || _average ? null : new LayerStack(_activation) { Images = _images };

    public override Tensor Forward(Tensor input, TrainingPass? pass)
    {
        var images = input.view(-1, _shape[0], _shape[1], _shape[2]);
        for (var layer = 0; layer < _convolutions.Length; layer++)
        {
            images = pass.Through(_convolutions[layer], images);
            images = _activation.Apply(_norms[layer]?.Forward(images, training: pass is not null) ?? images);
            if (_images[layer].Pools)
                images = nn.functional.max_pool2d(images, 2);
        }
        return _head.Forward(_average ? images.mean([2, 3]) : images.flatten(1), pass);
    }

    public override string Export(GraphBuilder graph, string input)
    {
        var images = graph.Node("Reshape", [input, graph.Integers("network/shape", [-1, .. _shape])]);
        for (var layer = 0; layer < _convolutions.Length; layer++)
        {
            images = _convolutions[layer].Export(graph, images);
            images = _norms[layer]?.Export(graph, images) ?? images;
            images = _activation.Export(graph, images);
            if (_images[layer].Pools)
                images = graph.Node("MaxPool", [images], GraphBuilder.Attribute("kernel_shape", [2L, 2]), GraphBuilder.Attribute("strides", [2L, 2]));
        }
        if (_average)
            images = graph.Node("GlobalAveragePool", [images]);
        return _head.Export(graph, graph.Node("Flatten", [images], GraphBuilder.Attribute("axis", 1L)));
    }
}
