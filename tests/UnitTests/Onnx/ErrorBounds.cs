namespace Mlops.UnitTests.Onnx;

/// <summary>How far a rounded network may be from the exact one: an error carried through each layer, never measured.</summary>
internal static class ErrorBounds
{
    /// <summary>The rounding of a layer's weight, of the activation that enters it, and of what leaves it.</summary>
    /// <param name="Weight">(a weight, the largest weight of its column) → its error.</param>
    /// <param name="Activation">(a value, the range of its tensor) → its error.</param>
    /// <param name="Result">A layer's result → its error.</param>
    public sealed record Rounding(Func<float, float, double> Weight, Func<float, double, double> Activation, Func<double, double> Result);

    /// <summary>Half a step for a weight; a step for an activation, as its zero point is rounded too; float sums.</summary>
    public static readonly Rounding Int8 = new((_, largest) => largest / 127 / 2, (_, range) => range / 255, result => Math.Abs(result) * 1e-5);

    /// <summary>Unit roundoff 2⁻¹¹ wherever a half is written; the sums themselves are in 32 bits on the CPU.</summary>
    public static readonly Rounding Float16 = new((weight, _) => HalfError(weight), (value, _) => HalfError(value), HalfError);

    /// <summary>Bounds for the outputs of layers with ReLU between them, on row-major rows.</summary>
    public static double[] Of(Networks.Layer[] layers, float[] rows, Rounding rounding)
    {
        var (values, errors) = (rows, new double[rows.Length]);
        foreach (var layer in layers)
        {
            (values, errors) = Step(layer, values, errors, rounding);
            if (layer != layers[^1])
                values = Array.ConvertAll(values, value => Math.Max(0, value)); // does not enlarge an error
        }
        return errors;
    }

    private static (float[] Values, double[] Errors) Step(Networks.Layer layer, float[] values, double[] errors, Rounding rounding)
    {
        var range = Math.Max(values.Max(), 0) - Math.Min(values.Min(), 0) + 2 * errors.Max();
        var largest = Enumerable.Range(0, layer.Outputs)
            .Select(column => Enumerable.Range(0, layer.Inputs).Max(row => Math.Abs(layer.Weights[row * layer.Outputs + column]))).ToArray();
        var rows = values.Length / layer.Inputs;
        var (results, bounds) = (new float[rows * layer.Outputs], new double[rows * layer.Outputs]);
        for (var i = 0; i < results.Length; i++)
        {
            var (row, column) = (i / layer.Outputs, i % layer.Outputs);
            double sum = layer.Bias[column], bound = HalfError(layer.Bias[column]);
            for (var k = 0; k < layer.Inputs; k++)
            {
                var (value, weight) = (values[row * layer.Inputs + k], layer.Weights[k * layer.Outputs + column]);
                var valueError = errors[row * layer.Inputs + k] + rounding.Activation(value, range);
                var weightError = rounding.Weight(weight, largest[column]);
                sum += value * weight;
                bound += (Math.Abs(value) + valueError) * weightError + Math.Abs(weight) * valueError;
            }
            results[i] = (float)sum;
            bounds[i] = bound + rounding.Result(Math.Abs(sum) + bound);
        }
        return (results, bounds);
    }

    private static double HalfError(double value) => Math.Max(Math.Abs(value), Math.ScaleB(1, -14)) * Math.ScaleB(1, -11);

    private static double HalfError(float value) => HalfError((double)value);
}
