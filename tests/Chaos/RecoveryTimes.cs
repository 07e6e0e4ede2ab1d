using Mlops.Chaos.Checks;

namespace Mlops.Chaos;

/// <summary>
/// How long a fault was felt after it had ended. <see cref="First"/>: until the first of the pipelines that were under
/// way when it ended finished a stage or ended itself, so until the platform was seen to make progress again.
/// <see cref="All"/>: until the last of those had, which counts the leases of dead workers, back-offs, and the wait
/// for each other and for the faults that came since. Null where no pipeline was under way.
/// </summary>
public sealed record RecoveryTimes(TimeSpan? First, TimeSpan? All)
{
    /// <param name="steps">Of each run: when it began, when its stages were finished and when it ended, in order; UTC.</param>
    /// <param name="faultEndedAt">By the same clock.</param>
    public static RecoveryTimes Of(IReadOnlyCollection<IReadOnlyList<DateTimeOffset>> steps, DateTimeOffset faultEndedAt)
    {
        var next = steps.Where(run => run[0] <= faultEndedAt && run[^1] > faultEndedAt)
            .Select(run => run.First(at => at > faultEndedAt) - faultEndedAt).ToList();
        return next.Count == 0 ? new RecoveryTimes(null, null) : new RecoveryTimes(next.Min(), next.Max());
    }

    /// <summary>The steps of every run in the registry.</summary>
    public static IReadOnlyCollection<IReadOnlyList<DateTimeOffset>> StepsOf(RegistryFacts facts)
    {
        var steps = facts.Work.Where(item => item.FinishedAt is not null).Select(item => (Run: item.PipelineRunId, At: item.FinishedAt!.Value))
            .Concat(facts.Outcomes.Select(outcome => (Run: outcome.PipelineRunId, At: outcome.CreatedAt)))
            .ToLookup(step => step.Run, step => step.At);
        return [.. facts.Runs.Select(run => (IReadOnlyList<DateTimeOffset>)[run.CreatedAt, .. steps[run.Id].Order()])];
    }

    /// <summary>The smallest value that at least this share of them does not exceed.</summary>
    public static TimeSpan Percentile(IEnumerable<TimeSpan> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? TimeSpan.Zero : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}
