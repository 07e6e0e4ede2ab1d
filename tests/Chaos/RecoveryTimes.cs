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
    /// <param name="facts">The registry after the run.</param>
    /// <param name="faultEndedAt">UTC, by the clock of the services.</param>
    public static RecoveryTimes Of(RegistryFacts facts, DateTimeOffset faultEndedAt)
    {
        var progress = facts.Work.Where(item => item.FinishedAt is not null).Select(item => (Run: item.PipelineRunId, At: item.FinishedAt!.Value))
            .Concat(facts.Outcomes.Select(outcome => (Run: outcome.PipelineRunId, At: outcome.CreatedAt)))
            .ToLookup(step => step.Run, step => step.At);
        // A run with a step before and after has been under way; one whose steps all came before had ended.
        var next = facts.Runs.Where(run => run.CreatedAt <= faultEndedAt)
            .Select(run => progress[run.Id].Where(at => at > faultEndedAt).Order().Cast<DateTimeOffset?>().FirstOrDefault())
            .OfType<DateTimeOffset>().ToList();
        return next.Count == 0 ? new RecoveryTimes(null, null) : new RecoveryTimes(next.Min() - faultEndedAt, next.Max() - faultEndedAt);
    }

    /// <summary>The smallest value that at least this share of them does not exceed.</summary>
    public static TimeSpan Percentile(IEnumerable<TimeSpan> values, double share)
    {
        var sorted = values.Order().ToList();
        return sorted.Count == 0 ? TimeSpan.Zero : sorted[Math.Max(0, (int)Math.Ceiling(share * sorted.Count) - 1)];
    }
}
