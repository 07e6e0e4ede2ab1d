using Mlops.Registry.Durability;
using Mlops.Registry.Facts;

namespace Mlops.Chaos.Checks;

/// <summary>Every fact has its one entry in the audit log, no entry is without its fact, and the chain holds.</summary>
internal static class AuditCheck
{
    public static IEnumerable<Violation> Of(RegistryFacts facts)
    {
        if (facts.Chain.BrokenAt is { } sequence)
            yield return new Violation(Breach.Wrong, $"the audit chain is broken at entry {sequence}");
        var expected = Expected(facts).CountBy(entry => entry).ToDictionary();
        var there = facts.Audit.Select(entry => (entry.Action, entry.SubjectId)).CountBy(entry => entry).ToDictionary();
        foreach (var ((action, subject), count) in expected)
            if (there.GetValueOrDefault((action, subject)) < count)
                yield return new Violation(Breach.Lost, $"{action} {subject}: {count} facts, {there.GetValueOrDefault((action, subject))} entries in the audit log");
        foreach (var ((action, subject), count) in there)
            if (expected.GetValueOrDefault((action, subject)) < count)
                yield return new Violation(Breach.Duplicated, $"{action} {subject}: {count} entries in the audit log, {expected.GetValueOrDefault((action, subject))} facts");
    }

    private static IEnumerable<(string Action, Guid Subject)> Expected(RegistryFacts facts) =>
    [
        .. facts.Datasets.Select(version => ("dataset.registered", version.Id)),
        .. facts.Runs.Select(run => ("pipeline.started", run.Id)),
        .. facts.Folds.Select(fold => ("fold.trained", fold.Id)),
        .. facts.Trials.Select(trial => ("trial.ended", trial.Id)),
        .. facts.Versions.Select(version => (version.Method == ModelVersion.Original ? "model.trained" : "model.compressed", version.Id)),
        .. facts.Reports.Select(report => ("model.evaluated", report.ModelVersionId)),
        .. facts.Compressions.Select(compression => ("compression.completed", compression.ParentModelVersionId)),
        .. facts.Promotions.Select(promotion => ("model.promoted", promotion.ModelVersionId)),
        .. facts.Deployments.Select(deployment => (deployment.Ready ? "model.deployed" : "model.not-loaded", deployment.ModelVersionId)),
        .. facts.Work.Where(item => item.State == WorkState.Failed).Select(item => ("work.failed", item.PipelineRunId)),
        .. facts.Outcomes.Select(outcome => (outcome.Served ? "pipeline.served" : "pipeline.failed", outcome.PipelineRunId)),
        .. facts.DeadLetters.Select(letter => ("message.not-handled", letter.Id)),
    ];
}
