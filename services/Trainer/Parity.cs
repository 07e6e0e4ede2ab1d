using System.Globalization;
using Mlops.Contracts;
using Mlops.Runs;
using Mlops.Scoring;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>Compares the exported model, as ONNX Runtime computes it, with what was trained, as TorchSharp or our own walk through the trees does.</summary>
internal static class Parity
{
    /// <summary>The largest difference that is accepted.</summary>
    public const double Tolerance = 1e-4;

    /// <summary>The largest difference over held-out rows.</summary>
    /// <exception cref="Fault">It is above <see cref="Tolerance"/>: what would be served is not what was trained.</exception>
    public static double Require(TrainedModel model, byte[] onnx, RunInputs inputs)
    {
        // The test rows are looked at for agreement only; no choice depends on them.
        var rows = inputs.Validation.Rows > 0 ? inputs.Validation : inputs.Test;
        using var scorer = new OnnxScorer(onnx, model.Signature);
        var difference = LargestDifference(model.Predict(rows), scorer.Score(rows).Outputs);
        if (!(difference <= Tolerance))
            throw Fault.Invalid("parity", string.Create(CultureInfo.InvariantCulture,
                $"the ONNX model's outputs differ from the trained network's by {difference:g3}; at most {Tolerance:g3} is accepted"));
        return difference;
    }

    /// <summary>
    /// The largest |a − b| ÷ max(1, |a|): absolute for probabilities and small values, relative for targets in large units,
    /// whose 32-bit floats are themselves further apart than the tolerance.
    /// </summary>
    internal static double LargestDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(actual.Length, expected.Length);
        var largest = 0.0;
        for (var i = 0; i < expected.Length; i++)
        {
            var difference = Math.Abs((double)expected[i] - actual[i]) / Math.Max(1, Math.Abs(expected[i]));
            // NaN on one side is a difference, and the largest there can be.
            largest = double.IsNaN(difference) ? double.PositiveInfinity : Math.Max(largest, difference);
        }
        return largest;
    }
}
