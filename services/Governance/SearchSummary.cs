using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>How many trials of a run's search have ended.</summary>
/// <param name="Done">Trials that have ended, well or not.</param>
/// <param name="Total">Trials of the whole search.</param>
public sealed record TrialProgress(int Done, int Total)
{
    /// <summary>Null where the spec asks for no search.</summary>
    internal static async Task<TrialProgress?> ReadAsync(RegistryDbContext db, PipelineRun run, CancellationToken cancellationToken) =>
        SearchOf(run) is { } search ? new TrialProgress(await TrialWork.DoneOf(db, run.Id).CountAsync(cancellationToken), search.Total) : null;

    internal static SearchSpec? SearchOf(PipelineRun run) => PipelineSpec.Parse(run.Spec, run.Name).Search;

    /// <summary>Such as <c>12 of 30 trials</c>.</summary>
    public override string ToString() => $"{Done} of {Total} trials";
}

/// <summary>A run's search.</summary>
/// <param name="Progress">How many of its trials have ended.</param>
/// <param name="Metric">What trials are compared by.</param>
/// <param name="Winner">The number of the trial that is the best so far, and whose settings the model has once all have ended; absent where none was trained.</param>
/// <param name="Trials">Those that have ended, by number.</param>
public sealed record SearchSummary(TrialProgress Progress, SearchMetric Metric, int? Winner, IReadOnlyList<TrialSummary> Trials)
{
    /// <summary>Null where the spec asks for no search.</summary>
    internal static async Task<SearchSummary?> ReadAsync(RegistryDbContext db, PipelineRun run, CancellationToken cancellationToken)
    {
        if (TrialProgress.SearchOf(run) is not { } search)
            return null;
        var trials = await TrialWork.DoneOf(db, run.Id).ToListAsync(cancellationToken);
        return new SearchSummary(new TrialProgress(trials.Count, search.Total), search.Metric, TrialWork.WinnerOf(search, trials)?.Number, trials.ConvertAll(TrialSummary.Of));
    }
}

/// <summary>A trial that has ended.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Trial">Which trial, from 1.</param>
/// <param name="Settings">What was tried, by place in the spec.</param>
/// <param name="State">How it ended.</param>
/// <param name="Reason">Why it could not be trained; absent where it could.</param>
/// <param name="Objective">The search's metric with the weights that were kept; absent where it failed.</param>
/// <param name="Epochs">Epochs that were run.</param>
/// <param name="BestEpoch">The epoch whose weights were kept, from 1; absent where it failed.</param>
/// <param name="Rungs">What it had come to where it was compared with others.</param>
/// <param name="Device">Where it ran; absent where it failed.</param>
/// <param name="Backend">Library, version, device and threads that computed the weights; absent where it failed.</param>
/// <param name="CodeVersion">Version of the code that trained.</param>
/// <param name="Details">Architecture, environment and speed; absent where it failed.</param>
/// <param name="StartedAt">UTC.</param>
/// <param name="FinishedAt">UTC.</param>
public sealed record TrialSummary(
    Guid Id, int Trial, IReadOnlyDictionary<string, JsonElement> Settings, TrialState State, string? Reason, double? Objective, int Epochs, int? BestEpoch,
    IReadOnlyList<RungValue> Rungs, string? Device, string? Backend, string CodeVersion, TrainingDetails? Details, DateTimeOffset StartedAt, DateTimeOffset FinishedAt)
{
    internal static TrialSummary Of(Trial trial) => new(
        trial.Id, trial.Number, trial.Settings, trial.State, trial.Reason, trial.Objective, trial.Epochs, trial.BestEpoch,
        trial.Rungs, trial.Device, trial.Backend, trial.CodeVersion, trial.Details, trial.StartedAt, trial.CreatedAt);
}
