using System.Globalization;
using Mlops.Contracts;
using Mlops.Onnx.Certificates;
using Mlops.Runs;
using Mlops.Scoring;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>Compares the exported model, as ONNX Runtime computes it, with what was trained, as TorchSharp or our own walk through the trees does.</summary>
internal static class Parity
{
    private const int RowsAtOnce = 1 << 14;

    /// <summary>The largest difference over held-out rows.</summary>
    /// <exception cref="Fault">It is above <see cref="ParityCertificate.DefaultTolerance"/>: what would be served is not what was trained.</exception>
    public static double Require(TrainedModel model, byte[] onnx, TrainingRows inputs)
    {
        // The test rows are looked at for agreement only; no choice depends on them.
        var rows = inputs.Validation.Rows > 0 ? inputs.Validation : inputs.Test;
        using var scorer = new OnnxScorer(onnx, model.Signature);
        var difference = rows.Blocks(RowsAtOnce).Max(block => OutputDifference.Between(model.Predict(block), scorer.Score(block).Outputs).Scaled);
        if (!(difference <= ParityCertificate.DefaultTolerance))
            throw Fault.Invalid("parity", string.Create(CultureInfo.InvariantCulture,
                $"the ONNX model's outputs differ from the trained network's by {difference:g3}; at most {ParityCertificate.DefaultTolerance:g3} is accepted"));
        return difference;
    }

    /// <summary>
    /// The model's ONNX file with a certificate, which anyone can check who has the file: over samples that are made up from what
    /// preprocessing learned, because the data may not go wherever a model goes.
    /// </summary>
    /// <exception cref="Fault">The outputs are further apart than accepted.</exception>
    public static CertifiedModel Certify(TrainedModel model, byte[] onnx)
    {
        using var runner = new TensorRunner();
        return ParityCertificate.Issue(onnx, [MadeUpSamples.Of(model)], runner.Run, new CertificateTerms { Reference = model.Backend, Runtime = TensorRunner.Runtime });
    }
}
