using Microsoft.Extensions.Options;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Inference.Rollouts;

/// <summary>Tells the registry from time to time what this replica sees of rollouts, so that it can be judged.</summary>
internal sealed partial class ReportRollouts(
    ModelHost host, RegistryStore registry, IOptions<InferenceOptions> options, Replica replica, TimeProvider time, ILogger<ReportRollouts> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var untold = new Queue<(ServedVersion Candidate, RolloutObservation Observation)>();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Value.RolloutReportSeconds), time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var (rule, counts) in host.Trials)
            {
                if (Observe(rule, counts) is { } observation)
                    untold.Enqueue((rule.Candidate, observation));
            }

            await TellAsync(untold, stoppingToken);
        }
    }

    private async Task TellAsync(Queue<(ServedVersion Candidate, RolloutObservation Observation)> untold, CancellationToken cancellationToken)
    {
        try
        {
            for (; untold.TryPeek(out var next); untold.Dequeue())
                await registry.WriteAsync((db, _) => Record(db, next.Candidate, next.Observation), cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The loop's edge: the registry may be away for a while. What was seen is told when it is back.
            LogNotTold(exception, untold.Count);
        }
    }

    private RolloutObservation? Observe(RolloutRule rule, TrialCounts counts)
    {
        var (champion, candidate, (compared, differing)) = (counts.Champion.Take(), counts.Candidate.Take(), counts.TakeCompared());
        return champion.Requests + candidate.Requests == 0 ? null : new RolloutObservation
        {
            Id = registry.NewId(),
            RolloutId = rule.Id,
            Replica = replica.Id,
            Champion = champion,
            Candidate = candidate,
            Compared = compared,
            Differing = differing,
            CreatedAt = registry.Now(),
        };
    }

    private Task Record(RegistryDbContext db, ServedVersion candidate, RolloutObservation observation)
    {
        db.Insert(observation);
        db.Publish(new RolloutObserved
        {
            EventId = registry.NewId(),
            OccurredAt = observation.CreatedAt,
            PipelineRunId = candidate.PipelineRunId,
            RolloutId = observation.RolloutId,
            ObservationId = observation.Id,
            Replica = observation.Replica,
        });
        return Task.CompletedTask;
    }

    [LoggerMessage(LogLevel.Warning, "what was seen of rollouts could not be told ({Waiting} wait); trying again")]
    private partial void LogNotTold(Exception exception, int waiting);
}
