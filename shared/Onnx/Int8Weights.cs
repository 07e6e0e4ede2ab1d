using Mlops.Contracts;

namespace Mlops.Onnx;

/// <summary>
/// Weights as signed bytes with a scale for each channel: weight ≈ value × scale. Symmetric (0 stays 0), in −127 … 127,
/// rounded half to even, so that each weight is off by at most half its channel's scale.
/// </summary>
/// <param name="Values">Row-major, in the order of the weights.</param>
/// <param name="Scales">One per channel; above 0.</param>
public sealed record Int8Weights(sbyte[] Values, float[] Scales)
{
    /// <summary>The largest absolute value.</summary>
    public const int Limit = 127;

    /// <summary>Quantises a [rows, columns] matrix with a scale for each column.</summary>
    /// <exception cref="Fault">A weight is not finite.</exception>
    public static Int8Weights PerColumn(ReadOnlySpan<float> weights, int columns) => Quantize(weights, columns, 1);

    /// <summary>Quantises a tensor with a scale for each index of its first dimension.</summary>
    /// <exception cref="Fault">A weight is not finite.</exception>
    public static Int8Weights PerFirstDimension(ReadOnlySpan<float> weights, int channels) =>
        Quantize(weights, channels, channels == 0 ? 1 : Math.Max(1, weights.Length / channels));

    /// <param name="weights">Row-major.</param>
    /// <param name="channels">Number of scales.</param>
    /// <param name="run">How many weights of one channel follow each other.</param>
    private static Int8Weights Quantize(ReadOnlySpan<float> weights, int channels, int run)
    {
        var scales = new float[channels];
        for (var i = 0; i < weights.Length; i++)
        {
            if (!float.IsFinite(weights[i]))
                throw Fault.Invalid("model", $"weight {i} of a layer is {weights[i]}; finite weights can be quantised");
            ref var largest = ref scales[i / run % channels];
            largest = Math.Max(largest, Math.Abs(weights[i]));
        }
        foreach (ref var scale in scales.AsSpan())
        {
            scale /= Limit;
            // A channel of zeros (or of numbers so small that the scale would be 0) has no scale of its own.
            if (scale == 0)
                scale = 1;
        }
        var values = new sbyte[weights.Length];
        for (var i = 0; i < weights.Length; i++)
            values[i] = (sbyte)Math.Clamp(MathF.Round(weights[i] / scales[i / run % channels]), -Limit, Limit);
        return new Int8Weights(values, scales);
    }
}
