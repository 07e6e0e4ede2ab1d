using Mlops.Contracts;
using Mlops.Registry.Facts;
using Mlops.Runs;
using Mlops.Scoring;
using Mlops.Scoring.Metrics;
using Mlops.Tabular;

namespace Mlops.Trainer.Reproductions;

/// <summary>Measures two models on the same rows that neither was trained on. No choice depends on it.</summary>
internal static class HeldOutMetrics
{
    /// <param name="stored">An ONNX file with its signature.</param>
    /// <param name="again">Another one of the same task.</param>
    /// <param name="method">What both were compressed by, if they were.</param>
    /// <param name="inputs">The run's; its test rows are taken, or else those of validation.</param>
    public static IReadOnlyDictionary<string, ReproducedMetric> Of((byte[] Onnx, ModelSignature Signature) stored, (byte[] Onnx, ModelSignature Signature) again, string method, TrainingRows inputs)
    {
        var rows = inputs.Test.Rows > 0 ? inputs.Test : inputs.Validation;
        if (rows.Rows == 0)
            return new Dictionary<string, ReproducedMetric>();
        var truth = new Table([.. inputs.Spec.Target.Select(target => rows[target])]);
        var (before, after) = (MetricsOf(stored), MetricsOf(again));
        return before.ToDictionary(metric => metric.Key, metric => new ReproducedMetric(metric.Value, after.GetValueOrDefault(metric.Key, double.NaN)));

        IReadOnlyDictionary<string, double> MetricsOf((byte[] Onnx, ModelSignature Signature) model)
        {
            using var scorer = new OnnxScorer(model.Onnx, model.Signature, OnnxScorer.BatchRowsOf(method));
            var (scores, target) = (scorer.Score(rows), inputs.Spec.Target);
            return model.Signature.Task == TaskKind.Classification
                ? ClassificationMetrics.Of(model.Signature.Classes, HeldOutTargets.Classes(truth[target[0]], model.Signature.Classes), scores).Metrics
                : RegressionMetrics.Of(target, HeldOutTargets.Values(truth, target), scores).Metrics;
        }
    }
}
