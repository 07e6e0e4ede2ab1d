using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Governance;

/// <summary>How many of a run's folds are done.</summary>
/// <param name="Done">Folds that are trained.</param>
/// <param name="Total">Folds of all repeats.</param>
public sealed record FoldProgress(int Done, int Total)
{
    /// <summary>Null where no fold was added.</summary>
    internal static FoldProgress? Of(PipelineStatus status)
    {
        var folds = status.Stages.Where(stage => stage.Kind == FoldWork.Kind).ToList();
        return folds.Count == 0 ? null : new FoldProgress(folds.Count(stage => stage.State == WorkState.Done), folds.Count);
    }

    /// <summary>Such as <c>3 of 5 folds</c>.</summary>
    public override string ToString() => $"{Done} of {Total} folds";
}

/// <summary>A run's cross-validation.</summary>
/// <param name="Progress">How many of its folds are done.</param>
/// <param name="Metrics">Mean and standard deviation of each metric over the folds that are done.</param>
/// <param name="Folds">Those that are done, by repeat and number.</param>
public sealed record CrossValidationSummary(FoldProgress Progress, IReadOnlyDictionary<string, MetricSpread> Metrics, IReadOnlyList<FoldSummary> Folds)
{
    /// <summary>Null where no fold was added.</summary>
    internal static async Task<CrossValidationSummary?> ReadAsync(RegistryDbContext db, PipelineStatus status, CancellationToken cancellationToken)
    {
        if (FoldProgress.Of(status) is not { } progress)
            return null;
        var folds = await FoldWork.DoneOf(db, status.Run.Id)
            .Select(fold => new FoldSummary(
                fold.Id, fold.Repeat, fold.Number, fold.TrainRows, fold.HeldOutRows, fold.Metrics, fold.PredictionsDigest,
                fold.Epochs, fold.BestEpoch, fold.Device, fold.Backend, fold.CodeVersion, fold.Details, fold.StartedAt, fold.CreatedAt))
            .ToListAsync(cancellationToken);
        return new CrossValidationSummary(progress, MetricSpread.Over(folds.ConvertAll(fold => fold.Metrics)), folds);
    }
}

/// <summary>A finished fold.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Repeat">Which repeat, from 1.</param>
/// <param name="Fold">Which fold of it, from 1.</param>
/// <param name="TrainRows">Rows that it was trained on.</param>
/// <param name="HeldOutRows">Rows that were held out, and predicted.</param>
/// <param name="Metrics">Of the held-out rows, by name.</param>
/// <param name="PredictionsDigest">SHA-256 of the artifact with what was predicted for them.</param>
/// <param name="Epochs">Epochs that were run.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, from 1.</param>
/// <param name="Device">Where it ran.</param>
/// <param name="Backend">Library, version, device and threads that computed the weights.</param>
/// <param name="CodeVersion">Version of the code that trained.</param>
/// <param name="Details">Architecture, environment and speed; absent where an older build trained.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="FinishedAt">UTC.</param>
public sealed record FoldSummary(
    Guid Id, int Repeat, int Fold, long TrainRows, long HeldOutRows, IReadOnlyDictionary<string, double> Metrics, string PredictionsDigest,
    int Epochs, int BestEpoch, string Device, string Backend, string CodeVersion, TrainingDetails? Details, DateTimeOffset StartedAt, DateTimeOffset FinishedAt);
