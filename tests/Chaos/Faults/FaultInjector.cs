using System.Collections.Concurrent;
using Microsoft.EntityFrameworkCore;
using Mlops.Chaos.Cluster;
using Mlops.Chaos.Plan;
using Mlops.Registry.Durability;
using Mlops.Testing;

namespace Mlops.Chaos.Faults;

/// <summary>Does to the cluster what the plan says, when it says so.</summary>
internal sealed class FaultInjector(ChaosCluster cluster, EventRepeater events, TimeProvider time, Action<string> log)
{
    private static readonly TimeSpan LongestWaitForWork = TimeSpan.FromSeconds(15);
    private readonly ConcurrentBag<InjectedFault> _injected = [];
    // A busy machine starts a server later than the plan thought; what comes next for it waits until it is back.
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _targets = new(StringComparer.Ordinal);

    public async Task<IReadOnlyList<InjectedFault>> RunAsync(IReadOnlyList<PlannedFault> plan, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        await Task.WhenAll(plan.Select(async fault =>
        {
            await Task.Delay(fault.At, time, cancellationToken);
            var target = _targets.GetOrAdd(fault.Target, _ => new SemaphoreSlim(1, 1));
            await target.WaitAsync(cancellationToken);
            var at = time.GetElapsedTime(begun);
            var detail = await InjectAsync(fault, cancellationToken);
            _injected.Add(new InjectedFault(fault, time.GetUtcNow(), detail));
            target.Release();
            log($"{at.TotalSeconds,7:0.0} s  {fault.Kind,-12}  {fault.Target}: {detail}, over after {(time.GetElapsedTime(begun) - at).TotalSeconds:0.0} s");
        }));
        return [.. _injected.OrderBy(fault => fault.Planned.At)];
    }

    private Task<string> InjectAsync(PlannedFault fault, CancellationToken cancellationToken)
    {
        Task Lasting() => Task.Delay(fault.Lasts, time, cancellationToken);
        return fault.Kind switch
        {
            FaultKind.KillService => KillServiceAsync(cluster[fault.Replica!], Lasting),
            FaultKind.KillBroker => KillAsync(cluster.Rabbit.KillAsync, Lasting, cluster.Rabbit.StartAgainAsync),
            FaultKind.KillDatabase => KillAsync(cluster.Postgres.KillAsync, Lasting, cluster.Postgres.StartAgainAsync),
            FaultKind.PauseWorker => PauseAsync(cluster[fault.Replica!], Lasting, cancellationToken),
            FaultKind.CutBroker => CutAsync(Lasting),
            FaultKind.FillDisk => FillAsync(Lasting),
            FaultKind.RepeatEvents => events.RepeatAsync(fault.Seed, cancellationToken),
            _ => throw new ArgumentOutOfRangeException(nameof(fault)),
        };
    }

    private static async Task<string> KillServiceAsync(ServiceReplica replica, Func<Task> lasting)
    {
        await replica.KillAsync(lasting);
        return "killed";
    }

    private static async Task<string> KillAsync(Func<Task> kill, Func<Task> lasting, Func<Task> start)
    {
        await kill();
        await lasting();
        await start();
        return "killed";
    }

    /// <summary>Paused while it has work in its hands, if that can be brought about within a bounded time.</summary>
    private async Task<string> PauseAsync(ServiceReplica replica, Func<Task> lasting, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            var mayBeIdle = false;
            try
            {
                await Servers.UntilAsync(() => HasWorkAsync(replica, cancellationToken), LongestWaitForWork - time.GetElapsedTime(begun), "a lease");
            }
            catch (TimeoutException)
            {
                mayBeIdle = true;
            }
            // It may have finished before it stood still.
            var hasWork = false;
            await replica.PauseAsync(async () =>
            {
                hasWork = await HasWorkAsync(replica, cancellationToken);
                if (hasWork || mayBeIdle)
                    await lasting();
            });
            if (hasWork || mayBeIdle)
                return hasWork ? "paused with work in its hands" : "paused while idle";
        }
    }

    private async Task<bool> HasWorkAsync(ServiceReplica replica, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.Registry.ReadAsync((db, token) =>
                db.WorkItems.AnyAsync(item => item.State == WorkState.Leased && item.Worker!.EndsWith(replica.WorkerSuffix), token), cancellationToken);
        }
        catch (Exception) when (!cancellationToken.IsCancellationRequested)
        {
            // The database is under faults too.
            return false;
        }
    }

    private async Task<string> CutAsync(Func<Task> lasting)
    {
        var cut = cluster.Proxy.Close();
        await lasting();
        cluster.Proxy.Open();
        return $"{cut} connections cut";
    }

    private async Task<string> FillAsync(Func<Task> lasting)
    {
        await cluster.Artifacts.FillAsync(lasting);
        return "no room";
    }
}
