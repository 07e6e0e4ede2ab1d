using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Scoring.Metrics;

namespace Mlops.Evaluator;

/// <summary>What a run's cross-validation came to, measured on the predictions that its folds left.</summary>
/// <param name="Metrics">Mean and standard deviation over all folds of all repeats, by <see cref="MetricNames"/>.</param>
/// <param name="Folds">Each fold, by repeat and number.</param>
public sealed record CrossValidationReport(IReadOnlyDictionary<string, MetricSpread> Metrics, IReadOnlyList<FoldReport> Folds)
{
    /// <summary>The folds of a run, oldest repeat first; none where it was not cross-validated.</summary>
    internal static Task<List<Fold>> FoldsOfAsync(RegistryStore registry, Guid runId, CancellationToken cancellationToken) => registry.ReadAsync(
        (db, token) => FoldWork.DoneOf(db, runId).ToListAsync(token), cancellationToken);

    /// <summary>Measures what each fold predicted.</summary>
    /// <returns>Null where there are no folds.</returns>
    /// <exception cref="Fault">A fold's predictions are missing, or are not what their digest says.</exception>
    internal static async Task<CrossValidationReport?> OfAsync(IArtifactStore artifacts, IReadOnlyList<Fold> folds, CancellationToken cancellationToken)
    {
        if (folds.Count == 0)
            return null;
        var reports = new List<FoldReport>();
        foreach (var fold in folds)
        {
            var predictions = OutOfFoldPredictions.FromJson(await artifacts.ReadAsync(ContentDigest.Parse(fold.PredictionsDigest), cancellationToken));
            reports.Add(new FoldReport(fold.Repeat, fold.Number, predictions.Rows.Count, predictions.Metrics, fold.PredictionsDigest));
        }
        return new CrossValidationReport(MetricSpread.Over([.. reports.Select(report => report.Metrics)]), reports);
    }
}

/// <summary>What one fold's model did on the rows that it was not trained on.</summary>
/// <param name="Repeat">Which repeat, from 1.</param>
/// <param name="Fold">Which fold of it, from 1.</param>
/// <param name="Rows">Held-out rows.</param>
/// <param name="Metrics">By <see cref="MetricNames"/>.</param>
/// <param name="PredictionsDigest">SHA-256 of the artifact that they were measured on.</param>
public sealed record FoldReport(int Repeat, int Fold, int Rows, IReadOnlyDictionary<string, double> Metrics, string PredictionsDigest);
