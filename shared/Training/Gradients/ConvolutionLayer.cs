using System.Numerics.Tensors;
using Mlops.Contracts.Spec;

namespace Mlops.Training.Gradients;

/// <summary>
/// A 3×3 convolution with a border of zeros, as a product over patches (Chellapilla et al., 2006), its activation and pooling.
/// Between convolutions, images are rows of channels, one for each place, so that neighbours of a place are copied whole.
/// </summary>
/// <param name="shape">Of an image that it is given.</param>
/// <param name="windows">Of its weight and bias.</param>
/// <param name="before">The convolution whose images it is given; null for the network's input.</param>
internal sealed class ConvolutionLayer(ImageShape shape, LayerWindows windows, ConvolutionLayer? before)
{
    private const int Places = 9;

    private readonly DenseLayer _dense = new(windows.Outputs);
    private readonly MaxPooling? _pooling = shape.Pools ? new MaxPooling(shape, windows.Outputs) : null;
    private readonly RowBuffer _patches = new(windows.Inputs);
    private readonly float[] _kernels = new float[windows.Weight.Length];
    private readonly float[] _kernelGradients = new float[windows.Weight.Length];

    /// <summary>What the layer gives [N · places left, channels].</summary>
    public RowBuffer Values => _pooling?.Values ?? _dense.Values;

    /// <summary>The derivatives of the loss by it.</summary>
    public RowBuffer Gradients => _pooling?.Gradients ?? _dense.Gradients;

    /// <summary>Places of an image that it gives, and channels.</summary>
    public (int Places, int Channels) Output => (shape.PositionsLeft, windows.Outputs);

    /// <param name="product">Multiplies.</param>
    /// <param name="input">The network's [N, channels · height · width].</param>
    /// <param name="weights">Of all layers.</param>
    /// <param name="activation">Of the sums.</param>
    public void Forward(MatrixProduct product, Matrix input, Span<float> weights, Activation activation)
    {
        _patches.Reserve(input.Rows * shape.Positions);
        for (var image = 0; image < input.Rows; image++)
            Gather(ImageOf(input, image), image * shape.Positions);
        Reorder(windows.WeightIn(weights), KernelsOf(_kernels), isBack: false);
        _dense.Forward(product, _patches.Matrix, KernelsOf(_kernels), windows.BiasIn(weights));
        _dense.Activate(activation);
        _pooling?.Forward(_dense.Values);
    }

    /// <param name="product">Multiplies.</param>
    /// <param name="gradients">Of all layers, where this one's are written.</param>
    public void Backward(MatrixProduct product, Span<float> gradients)
    {
        _pooling?.Backward(_dense.Gradients);
        _dense.BackwardThroughActivation();
        _dense.Backward(product, _patches.Matrix, KernelsOf(_kernelGradients), windows.BiasIn(gradients));
        Reorder(windows.WeightIn(gradients), KernelsOf(_kernelGradients), isBack: true);
        if (before is null)
            return;
        // The patches are not needed any more.
        _dense.BackwardTo(product, KernelsOf(_kernels), _patches.Matrix);
        Scatter(before.Gradients);
    }

    /// <returns>[places, channels].</returns>
    private Matrix ImageOf(Matrix input, int image) => before is null
        ? new Matrix(input.Row(image), shape.Channels, shape.Positions, shape.Positions).Transposed
        : before.Values.Matrix.Slice(image * shape.Positions, shape.Positions);

    private Matrix KernelsOf(float[] values) => new(values, windows.Outputs, windows.Inputs, windows.Inputs);

    // In the weight a channel's places stand together, here a place's channels.
    private void Reorder(Matrix weight, Matrix kernels, bool isBack)
    {
        for (var output = 0; output < windows.Outputs; output++)
            for (var channel = 0; channel < shape.Channels; channel++)
                for (var place = 0; place < Places; place++)
                {
                    ref var inWeight = ref weight.At(output, (channel * Places) + place);
                    ref var inKernels = ref kernels.At(output, (place * shape.Channels) + channel);
                    if (isBack)
                        inWeight = inKernels;
                    else
                        inKernels = inWeight;
                }
    }

    private void Gather(Matrix image, int row)
    {
        for (var position = 0; position < shape.Positions; position++)
        {
            var patch = _patches.Matrix.Row(row + position);
            for (var place = 0; place < Places; place++)
            {
                var channels = patch.Slice(place * shape.Channels, shape.Channels);
                if (NeighbourOf(position, place) is var neighbour && neighbour >= 0)
                    image.CopyRow(neighbour, channels);
                else
                    channels.Clear();
            }
        }
    }

    private void Scatter(RowBuffer images)
    {
        images.Span.Clear();
        for (var row = 0; row < _patches.Rows; row++)
        {
            var (image, position) = Math.DivRem(row, shape.Positions);
            ReadOnlySpan<float> patch = _patches.Matrix.Row(row);
            for (var place = 0; place < Places; place++)
                if (NeighbourOf(position, place) is var neighbour && neighbour >= 0)
                {
                    var channels = images.Matrix.Row((image * shape.Positions) + neighbour);
                    TensorPrimitives.Add(channels, patch.Slice(place * shape.Channels, shape.Channels), channels);
                }
        }
    }

    /// <returns>Negative beyond the border.</returns>
    private int NeighbourOf(int position, int place)
    {
        var (y, x) = Math.DivRem(position, shape.Width);
        (y, x) = (y + (place / 3) - 1, x + (place % 3) - 1);
        return y >= 0 && y < shape.Height && x >= 0 && x < shape.Width ? (y * shape.Width) + x : -1;
    }
}
