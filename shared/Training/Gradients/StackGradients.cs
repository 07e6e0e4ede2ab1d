using System.Runtime.Intrinsics;
using Mlops.Training.Loop;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>
/// Gradients of a stack of layers on the CPU, by back-propagation written out (Rumelhart et al., 1986): without a graph, in memory
/// that is kept from batch to batch, and with the gradients written where the optimiser takes them.
/// </summary>
internal sealed class StackGradients : BatchGradients
{
    private readonly LayerStack _stack;
    private readonly Loss _loss;
    private readonly FlatWeights _weights;
    private readonly TrainingPass _pass;
    private readonly MatrixProduct _product = new(Vector512.IsHardwareAccelerated);
    private readonly ConvolutionLayer[] _convolutions;
    private readonly LayerWindows[] _windows;
    private readonly DenseLayer[] _layers;
    private readonly RowBuffer _inputs;
    private readonly RowBuffer _inputGradients;
    private Samples? _batch;

    /// <param name="stack">What is beside the layers.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="weights">Weight and bias of each layer, in their order.</param>
    /// <param name="pass">Draws which units are switched off.</param>
    public StackGradients(LayerStack stack, Loss loss, FlatWeights weights, TrainingPass pass)
    {
        (_stack, _loss, _weights, _pass) = (stack, loss, weights, pass);
        var windows = weights.Ranges.Chunk(2).Select(pair => new LayerWindows(pair[0], pair[1])).ToList();
        _convolutions = new ConvolutionLayer[stack.Images.Count];
        for (var layer = 0; layer < _convolutions.Length; layer++)
            _convolutions[layer] = new ConvolutionLayer(stack.Images[layer], windows[layer], layer > 0 ? _convolutions[layer - 1] : null);
        _windows = [.. windows.Skip(_convolutions.Length)];
        _layers = [.. _windows.Select(layer => new DenseLayer(layer.Outputs))];
        (_inputs, _inputGradients) = (new RowBuffer(_windows[0].Inputs), new RowBuffer(_windows[0].Inputs));
    }

    private bool DropsInputs => _stack.DropsInputs && _pass.SwitchesOff;

    /// <summary>Whether what is kept of batches of a size, with one row more at most, has less bytes than a span may.</summary>
    public static bool Fits(LayerStack stack, FlatWeights weights, long batchSize) => weights.Ranges.Chunk(2).Index().All(layer =>
    {
        var windows = new LayerWindows(layer.Item[0], layer.Item[1]);
        var rows = (batchSize + 1) * (layer.Index < stack.Images.Count ? stack.Images[layer.Index].Positions : 1);
        return rows * RowBuffer.StrideOf(Math.Max(windows.Inputs, windows.Outputs)) <= int.MaxValue / sizeof(float);
    });

    public override Tensor Forward(Samples batch)
    {
        _batch = batch;
        var weights = FlatWeights.FloatsOf(_weights.Values);
        if (DropsInputs)
            DropInputs(batch);
        foreach (var convolution in _convolutions)
            convolution.Forward(_product, Matrix.Of(batch.Inputs), weights, _stack.Activation);
        if (_convolutions.Length > 0)
            Flatten((int)batch.Count);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer].Forward(_product, InputOf(layer), _windows[layer].WeightIn(weights), _windows[layer].BiasIn(weights));
            if (layer == _layers.Length - 1)
                break;
            _layers[layer].Activate(_stack.Activation);
            _layers[layer].Drop(_pass);
        }
        return tensor(_loss.Differentiate(_layers[^1].Values.Matrix, batch.Targets, _layers[^1].Gradients.Matrix));
    }

    public override void Backward()
    {
        var weights = FlatWeights.FloatsOf(_weights.Values);
        var gradients = FlatWeights.FloatsOf(_weights.Gradients);
        for (var layer = _layers.Length - 1; layer >= 0; layer--)
        {
            _layers[layer].Backward(_product, InputOf(layer), _windows[layer].WeightIn(gradients), _windows[layer].BiasIn(gradients));
            if (layer == 0)
                break;
            _layers[layer].BackwardTo(_product, _windows[layer].WeightIn(weights), _layers[layer - 1].Gradients.Matrix);
            _layers[layer - 1].BackwardThroughActivation();
        }
        if (_convolutions.Length == 0)
            return;
        _layers[0].BackwardTo(_product, _windows[0].WeightIn(weights), _inputGradients.Matrix);
        Unflatten();
        foreach (var convolution in _convolutions.Reverse())
            convolution.Backward(_product, gradients);
    }

    private Matrix InputOf(int layer) => layer > 0 ? _layers[layer - 1].Values.Matrix : DropsInputs || _convolutions.Length > 0 ? _inputs.Matrix : Matrix.Of(_batch!.Inputs);

    private void DropInputs(Samples batch)
    {
        _inputs.Reserve((int)batch.Count);
        Matrix.Of(batch.Inputs).CopyTo(_inputs.Matrix);
        using var mask = _pass.DrawInto(empty_like(batch.Inputs));
        _inputs.MultiplyBy(Matrix.Of(mask));
    }

    private void Flatten(int images)
    {
        _inputs.Reserve(images);
        _inputGradients.Reserve(images);
        for (var image = 0; image < images; image++)
            PlacesOf(_convolutions[^1].Values, image).CopyTo(ChannelsOf(_inputs, image));
    }

    private void Unflatten()
    {
        for (var image = 0; image < _inputGradients.Rows; image++)
            ChannelsOf(_inputGradients, image).CopyTo(PlacesOf(_convolutions[^1].Gradients, image));
    }

    private Matrix PlacesOf(RowBuffer images, int image) => images.Matrix.Slice(image * _convolutions[^1].Output.Places, _convolutions[^1].Output.Places);

    // A channel's places stand together in a row: [places, channels] is that, transposed.
    private Matrix ChannelsOf(RowBuffer rows, int image)
    {
        var (places, channels) = _convolutions[^1].Output;
        return new Matrix(rows.Matrix.Row(image), channels, places, places).Transposed;
    }
}
