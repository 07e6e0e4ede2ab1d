using Mlops.Contracts.Spec;
using Mlops.Training.Networks;
using Mlops.Training.Optimization;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>A fully connected layer, values · weightᵀ + bias, with what follows it up to the next.</summary>
/// <param name="weight">[outputs, inputs].</param>
/// <param name="bias">[outputs].</param>
internal sealed class DenseLayer(WeightRange weight, WeightRange bias)
{
    private readonly RowBuffer _values = new((int)weight.Parameter.shape[0]);
    private readonly RowBuffer _slopes = new((int)weight.Parameter.shape[0]);
    private readonly RowBuffer _gradients = new((int)weight.Parameter.shape[0]);

    public int Inputs { get; } = (int)weight.Parameter.shape[1];

    public int Outputs { get; } = (int)weight.Parameter.shape[0];

    /// <summary>What the layer gives [N, outputs].</summary>
    public Matrix Values => _values.Matrix;

    /// <summary>The derivative of the loss by each sum of the layer, before its activation [N, outputs].</summary>
    public Matrix Gradients => _gradients.Matrix;

    /// <summary>Computes the sums.</summary>
    /// <param name="product">Multiplies.</param>
    /// <param name="input">[N, inputs].</param>
    /// <param name="weights">Of all layers.</param>
    public void Forward(MatrixProduct product, Matrix input, Span<float> weights)
    {
        _values.Reserve(input.Rows);
        _gradients.Reserve(input.Rows);
        product.Compute(input, WeightIn(weights).Transposed, BiasIn(weights), Values);
    }

    /// <summary>Has the sums activated and units switched off.</summary>
    public void Activate(Activation activation, TrainingPass pass)
    {
        _slopes.Reserve(Values.Rows);
        activation.Apply(_values.Span, _slopes.Span);
        if (!pass.SwitchesOff)
            return;
        using var mask = pass.DrawInto(empty(Values.Rows, Outputs));
        _values.MultiplyBy(Matrix.Of(mask));
        _slopes.MultiplyBy(Matrix.Of(mask));
    }

    /// <summary>Writes the gradients of weight and bias.</summary>
    /// <param name="product">Multiplies.</param>
    /// <param name="input">What the layer was given.</param>
    /// <param name="gradients">Of all layers.</param>
    public void Backward(MatrixProduct product, Matrix input, Span<float> gradients)
    {
        product.Compute(Gradients.Transposed, input, [], WeightIn(gradients));
        _gradients.SumRows(BiasIn(gradients));
    }

    /// <summary>Hands the derivatives down, through the activation of the layer before.</summary>
    public void BackwardTo(DenseLayer before, MatrixProduct product, Span<float> weights)
    {
        product.Compute(Gradients, WeightIn(weights), [], before.Gradients);
        before._gradients.MultiplyBy(before._slopes);
    }

    private Matrix WeightIn(Span<float> all) => new(all.Slice((int)weight.Start, (int)weight.Length), Outputs, Inputs, Inputs);

    private Span<float> BiasIn(Span<float> all) => all.Slice((int)bias.Start, (int)bias.Length);
}
