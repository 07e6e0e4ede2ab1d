using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Search;
using Mlops.Training;

namespace Mlops.Trainer;

/// <summary>
/// Compares a trial at each rung with the others of its search that have got as far, and those that ended by themselves before
/// it. What it came to there is told to the registry with its metrics, in the transaction that looks at the others'.
/// </summary>
internal sealed class TrialRungs(WorkContext work, SearchSpec search, CancellationToken cancellationToken)
{
    /// <summary>Whether the trial was stopped.</summary>
    public bool IsPruned { get; private set; }

    /// <summary>Where to ask; null where trials are trained to their end.</summary>
    public Milestones? Of(PipelineSpec spec) => search.Pruning is { } pruning
        ? new Milestones { Epochs = SuccessiveHalving.Rungs(pruning, spec.MostEpochs), GoesOn = (epoch, kept) => GoesOnAsync(pruning, epoch, kept).GetAwaiter().GetResult() }
        : null;

    /// <summary>The search's metric of an epoch.</summary>
    public static double ObjectiveOf(SearchSpec search, EpochReport kept) =>
        search.Metric == SearchMetric.ValidationAccuracy ? kept.ValidationAccuracy!.Value : kept.ValidationLoss!.Value;

    private async Task<bool> GoesOnAsync(SuccessiveHalvingSpec pruning, int epoch, EpochReport kept)
    {
        var objective = ObjectiveOf(search, kept);
        var goesOn = true;
        await work.WriteAsync(async (db, token) =>
        {
            var others = await OthersAt(db, epoch).ToListAsync(token);
            goesOn = SuccessiveHalving.GoesOn(pruning, search.CostOf(objective), others.ConvertAll(search.CostOf));
            // Where memory was short, the training begins again, and comes by here once more.
            await db.MetricPoints.Where(point => point.TrainingRunId == work.Item.Id && point.Name == TrialWork.RungMetric && point.Step == epoch).ExecuteDeleteAsync(token);
            db.Insert(new MetricPoint { TrainingRunId = work.Item.Id, Name = TrialWork.RungMetric, Step = epoch, Value = objective });
        }, cancellationToken);
        IsPruned = !goesOn;
        return goesOn;
    }

    private IQueryable<double> OthersAt(RegistryDbContext db, int epoch)
    {
        var trials = db.WorkItems.Where(item => item.PipelineRunId == work.Item.PipelineRunId && item.Kind == TrialWork.Kind && item.Id != work.Item.Id).Select(item => item.Id);
        return db.MetricPoints.Where(point => trials.Contains(point.TrainingRunId) && point.Name == TrialWork.RungMetric && point.Step == epoch).Select(point => point.Value)
            .Concat(db.Trials.Where(trial => trial.PipelineRunId == work.Item.PipelineRunId && trial.State == TrialState.Completed && trial.Epochs <= epoch).Select(trial => trial.Objective!.Value));
    }
}
