using Mlops.Chaos.Checks;
using Mlops.Chaos.Cluster;
using Mlops.Chaos.Faults;
using Mlops.Chaos.Load;
using Mlops.Chaos.Plan;
using Mlops.Testing;

namespace Mlops.Chaos;

/// <summary>Pipelines under faults on real servers, and then the question whether anything was lost or came twice.</summary>
internal static class ChaosRun
{
    private static readonly TimeSpan LongestSettling = TimeSpan.FromSeconds(120);

    /// <summary>Whether this machine has the servers that may be killed.</summary>
    public static bool IsPossible => PostgresServer.HasPrivate && RabbitServer.HasPrivate;

    /// <summary>Runs it all. Where something is violated, the folder with all logs and artifacts is kept and told.</summary>
    /// <param name="duration">Of the faults; start and settling come on top.</param>
    /// <param name="seed">Of the plan.</param>
    /// <param name="log">Takes one line after another.</param>
    /// <param name="cancellationToken">Ends the run early, without a result.</param>
    public static async Task<ChaosResult> RunAsync(TimeSpan duration, int seed, Action<string> log, CancellationToken cancellationToken)
    {
        var folder = Servers.NewFolder("chaos");
        log($"logs are in {folder}");
        ChaosResult result;
        await using (var cluster = await ChaosCluster.StartAsync(folder))
        {
            result = await RunAsync(cluster, duration, seed, log, cancellationToken);
            if (!result.IsGreen)
                await cluster.Artifacts.KeepAsync(Path.Combine(folder, "artifacts-kept"));
        }
        foreach (var line in ChaosReport.Lines(result))
            log(line);
        if (result.IsGreen)
            Directory.Delete(folder, recursive: true);
        else
            log($"logs and artifacts are kept in {folder}");
        log(ChaosReport.LastLine(result));
        return result;
    }

    private static async Task<ChaosResult> RunAsync(ChaosCluster cluster, TimeSpan duration, int seed, Action<string> log, CancellationToken cancellationToken)
    {
        var plan = FaultPlan.Make(seed, duration).Where(fault => fault.Kind != FaultKind.FillDisk || cluster.Artifacts.CanFill).ToList();
        log($"{cluster.Replicas.Count} processes, seed {seed}, {plan.Count} faults in {duration.TotalMinutes:0.#} minutes");
        if (!cluster.Artifacts.CanFill)
            log("mounting is not permitted here: a full disk is left out");

        // 1. Faults as planned, and pipelines as long as there are faults.
        using var load = new PipelineLoad(cluster.Registry, [.. cluster.Replicas.Where(replica => replica.Name.Service == "Datasets").Select(replica => replica.Http)], TimeProvider.System);
        var faults = await InjectAsync(cluster, load, plan, log, cancellationToken);

        // 2. Faults are over: everything comes to rest.
        await cluster.AllReadyAsync();
        var settled = await SettleAsync(cluster, cancellationToken);
        log($"at rest {settled.TotalSeconds:0.0} s after the last fault");

        // 3. Nothing lost, nothing twice?
        return await JudgeAsync(cluster, load, faults, cancellationToken);
    }

    private static async Task<IReadOnlyList<InjectedFault>> InjectAsync(
        ChaosCluster cluster, PipelineLoad load, IReadOnlyList<PlannedFault> plan, Action<string> log, CancellationToken cancellationToken)
    {
        await using var events = await EventRepeater.StartAsync(cluster.Rabbit.Address);
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pipelines = load.RunAsync(enough.Token, cancellationToken);
        var faults = new FaultInjector(cluster, events, TimeProvider.System, log).RunAsync(plan, cancellationToken);
        await Task.WhenAny(pipelines, faults);
        await enough.CancelAsync();
        await pipelines;
        return await faults;
    }

    private static async Task<TimeSpan> SettleAsync(ChaosCluster cluster, CancellationToken cancellationToken)
    {
        var begun = TimeProvider.System.GetTimestamp();
        try
        {
            await Servers.UntilAsync(async () =>
                (await RegistryFacts.ReadAsync(cluster.Registry, cancellationToken)).IsAtRest
                && (await cluster.Rabbit.QueuesAsync()).Values.All(messages => messages == 0)
                // What the last messages led to.
                && (await RegistryFacts.ReadAsync(cluster.Registry, cancellationToken)).IsAtRest, LongestSettling, "rest");
        }
        catch (TimeoutException)
        {
            // The checks say what does not come to rest.
        }
        return TimeProvider.System.GetElapsedTime(begun);
    }

    private static async Task<ChaosResult> JudgeAsync(
        ChaosCluster cluster, PipelineLoad load, IReadOnlyList<InjectedFault> faults, CancellationToken cancellationToken)
    {
        var facts = await RegistryFacts.ReadAsync(cluster.Registry, cancellationToken);
        var steps = RecoveryTimes.StepsOf(facts);
        var kinds = load.Accepted.ToDictionary(run => run.Id, run => run.Kind);
        return new ChaosResult
        {
            Faults = [.. faults.Select(fault => new FaultRecovery(fault, RecoveryTimes.Of(steps, fault.EndedAt)))],
            Outcomes = facts.Outcomes.CountBy(outcome => outcome.Kind ?? "Served").ToDictionary(),
            Pipelines = facts.Runs.Count,
            Unanswered = load.Unanswered,
            Revived = cluster.Revived,
            Violations =
            [
                .. await RegistryChecks.RunAsync(facts, cluster.Store, kinds.Keys, cancellationToken),
                .. RestCheck.Of(await cluster.Rabbit.QueuesAsync()),
                .. facts.Outcomes.Where(outcome => kinds.TryGetValue(outcome.PipelineRunId, out var kind) && !kind.EndsWith.Contains(outcome.Kind))
                    .Select(outcome => new Violation(Breach.Wrong, $"run {outcome.PipelineRunId} of {kinds[outcome.PipelineRunId].Name} ended as {outcome.Kind ?? "Served"} at {outcome.Stage}: {outcome.Reason}")),
                .. load.Refused.Select(refusal => new Violation(Breach.Wrong, $"refused: {refusal}")),
            ],
        };
    }
}
