using System.Runtime.Intrinsics;
using Mlops.Training.Loop;
using Mlops.Training.Losses;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>
/// Gradients of a stack of fully connected layers on the CPU, by back-propagation written out (Rumelhart et al., 1986): without a
/// graph, in memory that is kept from batch to batch, and with the gradients written where the optimiser takes them.
/// </summary>
internal sealed class DenseGradients : BatchGradients
{
    private readonly DenseStack _stack;
    private readonly Loss _loss;
    private readonly FlatWeights _weights;
    private readonly TrainingPass _pass;
    private readonly MatrixProduct _product = new(Vector512.IsHardwareAccelerated);
    private readonly DenseLayer[] _layers;
    private readonly RowBuffer _dropped;
    private Samples? _batch;

    /// <param name="stack">What is between the layers.</param>
    /// <param name="loss">What is made small.</param>
    /// <param name="weights">Weight and bias of each layer, in their order.</param>
    /// <param name="pass">Draws which units are switched off.</param>
    public DenseGradients(DenseStack stack, Loss loss, FlatWeights weights, TrainingPass pass)
    {
        (_stack, _loss, _weights, _pass) = (stack, loss, weights, pass);
        _layers = [.. weights.Ranges.Chunk(2).Select(pair => new DenseLayer(pair[0], pair[1]))];
        _dropped = new RowBuffer(_layers[0].Inputs);
    }

    private bool DropsInputs => _stack.DropsInputs && _pass.SwitchesOff;

    /// <summary>Whether batches of a size, with one row more at most, have less numbers than a span may have bytes.</summary>
    public static bool Fits(FlatWeights weights, long batchSize) =>
        weights.Ranges.All(range => range.Parameter.shape.Max(units => RowBuffer.StrideOf((int)units)) * (batchSize + 1) <= int.MaxValue / sizeof(float));

    public override Tensor Forward(Samples batch)
    {
        _batch = batch;
        if (DropsInputs)
            DropInputs(batch);
        for (var layer = 0; layer < _layers.Length; layer++)
        {
            _layers[layer].Forward(_product, InputOf(layer), FlatWeights.FloatsOf(_weights.Values));
            if (layer < _layers.Length - 1)
                _layers[layer].Activate(_stack.Activation, _pass);
        }
        return tensor(_loss.Differentiate(_layers[^1].Values, batch.Targets, _layers[^1].Gradients));
    }

    public override void Backward()
    {
        var gradients = FlatWeights.FloatsOf(_weights.Gradients);
        for (var layer = _layers.Length - 1; layer >= 0; layer--)
        {
            _layers[layer].Backward(_product, InputOf(layer), gradients);
            if (layer > 0)
                _layers[layer].BackwardTo(_layers[layer - 1], _product, FlatWeights.FloatsOf(_weights.Values));
        }
    }

    private Matrix InputOf(int layer) => layer > 0 ? _layers[layer - 1].Values : DropsInputs ? _dropped.Matrix : Matrix.Of(_batch!.Inputs);

    private void DropInputs(Samples batch)
    {
        _dropped.Reserve((int)batch.Count);
        Matrix.Of(batch.Inputs).CopyTo(_dropped.Matrix);
        using var mask = _pass.DrawInto(empty_like(batch.Inputs));
        _dropped.MultiplyBy(Matrix.Of(mask));
    }
}
