using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Training.Selection;

/// <summary>Trains candidates one after another and keeps the one whose validation loss is the lowest; of equal ones the cheaper.</summary>
/// <param name="time">Counts the budget.</param>
/// <param name="train">Trains a model of an architecture.</param>
internal sealed class ModelSelection(TimeProvider time, Func<ModelSpec, IProgress<EpochReport>, CancellationToken, TrainedModel> train)
{
    /// <summary>Runs to the end.</summary>
    /// <param name="candidates">At least one; until one is trained the budget does not count.</param>
    /// <param name="budget">Of time.</param>
    /// <param name="progress">Told of each candidate's epochs, and at the end of the kept model's again, as its own; a checkpoint is not taken meanwhile.</param>
    /// <param name="cancellation">Ends it all.</param>
    /// <exception cref="Fault">No candidate could be trained; what the first says.</exception>
    public TrainedModel Run(IReadOnlyList<ModelSpec> candidates, TimeSpan budget, IProgress<EpochReport>? progress, CancellationToken cancellation)
    {
        using var end = new CancellationTokenSource(budget, time);
        var tried = new List<ModelCandidate>();
        Trial? best = null;
        try
        {
            foreach (var (index, candidate) in candidates.Index())
            {
                using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, best is null ? CancellationToken.None : end.Token);
                var reports = new Reports(new CandidateTurn(index + 1, candidates.Count, candidate.Type), progress);
                var trial = Try(candidate, reports, stop.Token, cancellation);
                tried.Add(new ModelCandidate(candidate, trial.Model?.Kept.Epoch, trial.Model?.Kept.ValidationLoss, trial.Fault?.Message ?? (trial.Model is null ? "the time budget was used up" : null)));
                best = Better(best, trial);
            }
        }
        catch
        {
            best?.Model?.Dispose();
            throw;
        }
        if (best?.Model is not { } model)
            throw best!.Fault!;
        foreach (var report in best.Reports)
            progress?.Report(report);
        model.Candidates = tried;
        return model;
    }

    private static Trial Better(Trial? best, Trial trial)
    {
        var isBetter = best?.Model is null ? best is null || trial.Model is not null : trial.Model?.Kept.ValidationLoss < best.Model.Kept.ValidationLoss;
        (isBetter ? best : trial)?.Model?.Dispose();
        return isBetter ? trial : best!;
    }

    private Trial Try(ModelSpec candidate, Reports reports, CancellationToken stop, CancellationToken cancellation)
    {
        try
        {
            stop.ThrowIfCancellationRequested();
            return new Trial(train(candidate, reports, stop), reports.All, Fault: null);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return new Trial(Model: null, reports.All, Fault: null);
        }
        catch (Fault fault)
        {
            return new Trial(Model: null, reports.All, fault);
        }
    }

    private sealed record Trial(TrainedModel? Model, IReadOnlyList<EpochReport> Reports, Fault? Fault);

    private sealed class Reports(CandidateTurn turn, IProgress<EpochReport>? progress) : IProgress<EpochReport>
    {
        public List<EpochReport> All { get; } = [];

        public void Report(EpochReport value)
        {
            All.Add(value);
            progress?.Report(value with { Candidate = turn });
        }
    }
}
