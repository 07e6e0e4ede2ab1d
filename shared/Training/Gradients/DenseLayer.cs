using Mlops.Contracts.Spec;
using Mlops.Training.Networks;
using static TorchSharp.torch;

namespace Mlops.Training.Gradients;

/// <summary>A fully connected layer, input · weightᵀ + bias, with what follows it up to the next.</summary>
/// <param name="outputs">Numbers that it gives.</param>
internal sealed class DenseLayer(int outputs)
{
    private readonly RowBuffer _slopes = new(outputs);

    /// <summary>What the layer gives [N, outputs].</summary>
    public RowBuffer Values { get; } = new(outputs);

    /// <summary>The derivative of the loss by each sum of the layer, before its activation [N, outputs].</summary>
    public RowBuffer Gradients { get; } = new(outputs);

    /// <summary>Computes the sums.</summary>
    public void Forward(MatrixProduct product, Matrix input, Matrix weight, ReadOnlySpan<float> bias)
    {
        Values.Reserve(input.Rows);
        Gradients.Reserve(input.Rows);
        product.Compute(input, weight.Transposed, bias, Values.Matrix);
    }

    /// <summary>Activates the sums.</summary>
    public void Activate(Activation activation)
    {
        _slopes.Reserve(Values.Rows);
        activation.Apply(Values.Span, _slopes.Span);
    }

    /// <summary>Switches units off.</summary>
    public void Drop(TrainingPass pass)
    {
        if (!pass.SwitchesOff)
            return;
        using var mask = pass.DrawInto(empty(Values.Rows, outputs));
        Values.MultiplyBy(Matrix.Of(mask));
        _slopes.MultiplyBy(Matrix.Of(mask));
    }

    /// <summary>Takes the derivatives by what the layer gives to those by its sums.</summary>
    public void BackwardThroughActivation() => Gradients.MultiplyBy(_slopes);

    /// <summary>Writes the gradients of weight and bias.</summary>
    /// <param name="product">Multiplies.</param>
    /// <param name="input">What the layer was given.</param>
    /// <param name="weight">[outputs, inputs].</param>
    /// <param name="bias">[outputs].</param>
    public void Backward(MatrixProduct product, Matrix input, Matrix weight, Span<float> bias)
    {
        product.Compute(Gradients.Matrix.Transposed, input, [], weight);
        Gradients.SumRows(bias);
    }

    /// <summary>Computes the derivatives by what the layer was given.</summary>
    public void BackwardTo(MatrixProduct product, Matrix weight, Matrix target) => product.Compute(Gradients.Matrix, weight, [], target);
}
