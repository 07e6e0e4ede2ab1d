using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Chaos.Checks;

/// <summary>Each stage of each run has exactly one result.</summary>
internal static class ResultCheck
{
    public static IEnumerable<Violation> Of(RegistryFacts facts, IEnumerable<Guid> accepted) =>
    [
        .. accepted.Except(facts.Runs.Select(run => run.Id)).Select(run => Lost($"run {run} was accepted and is not there")),
        .. Outcomes(facts),
        .. Once("run", facts.Trainings, training => training.PipelineRunId, "training runs"),
        .. Once("run, repeat and number", facts.Folds, fold => (fold.PipelineRunId, fold.Repeat, fold.Number), "folds"),
        .. Once("run and number", facts.Trials, trial => (trial.PipelineRunId, trial.Number), "trials"),
        .. Once("run and method", facts.Versions.Where(version => version.PipelineRunId is not null), version => (version.PipelineRunId, version.Method), "model versions"),
        .. Once("model and number", facts.Versions, version => (version.Name, version.Version), "model versions"),
        .. Once("data set and number", facts.Datasets, version => (version.Name, version.Version), "data set versions"),
        .. Once("model version", facts.Reports, report => report.ModelVersionId, "evaluation reports"),
        .. Once("model version", facts.Compressions, compression => compression.ParentModelVersionId, "compressions"),
        .. Once("run", facts.Promotions.Where(promotion => promotion.DecidedByRunId is not null), promotion => promotion.DecidedByRunId, "promotions"),
        .. Once("kind and subject", facts.Work, item => (item.Kind, item.SubjectId), "pieces of work"),
        .. Missing(facts),
    ];

    private static IEnumerable<Violation> Outcomes(RegistryFacts facts)
    {
        var outcomes = facts.Outcomes.ToLookup(outcome => outcome.PipelineRunId);
        foreach (var run in facts.Runs)
        {
            if (!outcomes[run.Id].Any())
                yield return Lost($"run {run.Id} of {run.Name} has not ended; its work: {WorkOf(facts, run)}");
            if (outcomes[run.Id].Skip(1).Any())
                yield return new Violation(Breach.Duplicated, $"run {run.Id} has {outcomes[run.Id].Count()} outcomes");
        }
    }

    /// <summary>A run whose model was promoted has been through every stage; one that failed has been through those before.</summary>
    private static IEnumerable<Violation> Missing(RegistryFacts facts)
    {
        var promoted = facts.Promotions.Select(promotion => promotion.DecidedByRunId).ToHashSet();
        var trained = facts.Trainings.Select(training => training.PipelineRunId).ToHashSet();
        var compressed = facts.Compressions.Select(compression => compression.PipelineRunId).ToHashSet();
        var reported = facts.Reports.Select(report => report.ModelVersionId).ToHashSet();
        var versions = facts.Versions.ToLookup(version => version.PipelineRunId);
        var folds = facts.Folds.CountBy(fold => fold.PipelineRunId).ToDictionary();
        var trials = facts.Trials.CountBy(trial => trial.PipelineRunId).ToDictionary();
        var served = facts.Outcomes.Where(outcome => outcome.Served).Select(outcome => outcome.PipelineRunId).ToHashSet();
        foreach (var run in facts.Runs)
        {
            if (served.Contains(run.Id) && !promoted.Contains(run.Id))
                yield return Lost($"run {run.Id} is served and no promotion of it is there");
            if (versions[run.Id].Any() != trained.Contains(run.Id))
                yield return Lost($"run {run.Id} has {versions[run.Id].Count()} model versions and {(trained.Contains(run.Id) ? "a" : "no")} training run");
            var parts = facts.Work.Count(item => item.PipelineRunId == run.Id && item.Kind == FoldWork.Kind);
            if (trained.Contains(run.Id) && folds.GetValueOrDefault(run.Id) != parts)
                yield return Lost($"run {run.Id} is trained and has {folds.GetValueOrDefault(run.Id)} of {parts} folds");
            var tried = facts.Work.Count(item => item.PipelineRunId == run.Id && item.Kind == TrialWork.Kind);
            if (trained.Contains(run.Id) && trials.GetValueOrDefault(run.Id) != tried)
                yield return Lost($"run {run.Id} is trained and has {trials.GetValueOrDefault(run.Id)} of {tried} trials");
            if (!promoted.Contains(run.Id))
                continue;
            if (!compressed.Contains(run.Id))
                yield return Lost($"run {run.Id} is promoted and its compression is not there");
            if (versions[run.Id].All(version => version.Method != ModelVersion.Original))
                yield return Lost($"run {run.Id} is promoted and its original is not there");
            foreach (var version in versions[run.Id].Where(version => !reported.Contains(version.Id)))
                yield return Lost($"run {run.Id} is promoted and model version {version.Id} ({version.Method}) has no evaluation report");
        }
    }

    private static IEnumerable<Violation> Once<T, TKey>(string key, IEnumerable<T> facts, Func<T, TKey> keyOf, string what) =>
        facts.GroupBy(keyOf).Where(group => group.Skip(1).Any())
            .Select(group => new Violation(Breach.Duplicated, $"{key} {group.Key} has {group.Count()} {what}"));

    private static string WorkOf(RegistryFacts facts, PipelineRun run) =>
        string.Join(", ", facts.Work.Where(item => item.PipelineRunId == run.Id).OrderBy(item => item.CreatedAt)
            .Select(item => $"{item.Kind} {item.State}, attempt {item.Attempt}{(item.State == WorkState.Failed ? $" ({item.Error})" : "")}").DefaultIfEmpty("none"));

    private static Violation Lost(string text) => new(Breach.Lost, text);
}
