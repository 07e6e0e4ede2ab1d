using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>
/// The trials of a run's search as pieces of work. A trial's subject is an id made of run and number, so that each is added
/// once however often that is tried.
/// </summary>
public static class TrialWork
{
    /// <summary>The kind of the work.</summary>
    public const string Kind = "train-trial";

    /// <summary>The metric that a trial tells where it is compared with others: what it would come to if it ended there.</summary>
    public const string RungMetric = "search/objective";

    /// <summary>The trials of a run that have ended, by number.</summary>
    public static IQueryable<Trial> DoneOf(RegistryDbContext db, Guid runId) => db.Trials.Where(trial => trial.PipelineRunId == runId).OrderBy(trial => trial.Number);

    /// <summary>The subject of a trial's work.</summary>
    public static Guid SubjectOf(Guid runId, int number) => NameBasedId.Of($"{runId}/trial/{number}");

    /// <summary>Which trial of a run a subject is, from 1.</summary>
    /// <exception cref="InvalidOperationException">It is none of the search's.</exception>
    public static int NumberOf(SearchSpec search, Guid runId, Guid subjectId) =>
        Enumerable.Range(1, search.Total).First(number => SubjectOf(runId, number) == subjectId);

    /// <summary>
    /// The best first: those that were trained to their end, then those that got farther before they were stopped, then those
    /// that failed; of alike ones by objective, and of equal ones the earlier number.
    /// </summary>
    public static IReadOnlyList<Trial> Ranked(SearchSpec search, IEnumerable<Trial> trials) =>
    [
        .. trials.OrderBy(trial => trial.State)
            .ThenByDescending(trial => trial.State == TrialState.Pruned ? trial.Epochs : 0)
            .ThenBy(trial => trial.Objective is { } objective ? search.CostOf(objective) : 0)
            .ThenBy(trial => trial.Number),
    ];

    /// <summary>The trial whose settings are the best that were found; null where all failed.</summary>
    public static Trial? WinnerOf(SearchSpec search, IEnumerable<Trial> trials) =>
        Ranked(search, trials).FirstOrDefault(trial => trial.State != TrialState.Failed);
}
