using Mlops.Contracts;

namespace Mlops.Governance.Pages;

/// <summary>How a fold of a cross-validation fared.</summary>
/// <param name="Repeat">Which repeat, from 1.</param>
/// <param name="Fold">Which fold of it, from 1.</param>
/// <param name="Rows">Held-out rows.</param>
/// <param name="Metrics">Of these, by name.</param>
/// <param name="PredictionsDigest">SHA-256 of what was predicted for them.</param>
public sealed record FoldFigures(int Repeat, int Fold, long Rows, IReadOnlyDictionary<string, double> Metrics, string PredictionsDigest)
{
    internal static FoldFigures Of(FoldSummary fold) => new(fold.Repeat, fold.Fold, fold.HeldOutRows, fold.Metrics, fold.PredictionsDigest);
}

/// <summary>What the pages show of a report's cross-validation.</summary>
/// <param name="Metrics">Mean and standard deviation over the folds, by name.</param>
/// <param name="Folds">By repeat and number.</param>
public sealed record CrossValidationFigures(IReadOnlyDictionary<string, MetricSpread> Metrics, IReadOnlyList<FoldFigures> Folds);
