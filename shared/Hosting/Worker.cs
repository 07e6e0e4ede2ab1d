using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Hosting;

/// <summary>Takes one piece of work after another, keeps its lease alive, and sees to it that a failure is known.</summary>
internal sealed partial class Worker<THandler>(
    THandler handler, WorkSlots<THandler> slots, WorkQueue queue, WorkSignal signal, RegistryStore registry, Replica replica, WorkerCapabilities capabilities, ILogger<Worker<THandler>> logger)
    : BackgroundService
    where THandler : IWorkHandler
{
    private const int MaxFailures = 5;
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var next = signal.Of(handler.Kind).Next;
            try
            {
                if (await RunNextAsync(stoppingToken))
                    continue;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The loop's edge: the database may be away for a while, and the loop must outlive that.
                LogLoopFailed(handler.Kind, exception);
            }
            await Task.WhenAny(next, Task.Delay(PollInterval, stoppingToken));
        }
    }

    /// <summary>Takes a piece of work, if there is one, and does it.</summary>
    /// <returns>Whether there was one.</returns>
    internal async Task<bool> RunNextAsync(CancellationToken stoppingToken)
    {
        // Before it claims: what it cannot do yet is for another replica.
        using var slot = await slots.Slots.TakeAsync(stoppingToken);
        if (await queue.ClaimAsync(handler.Kind, capabilities.Names, replica.ToString(), stoppingToken) is not { } item)
            return false;
        await RunAsync(item, stoppingToken);
        return true;
    }

    private async Task RunAsync(WorkItem item, CancellationToken stoppingToken)
    {
        if (item.Failures >= MaxFailures)
        {
            var reason = $"failed {item.Failures} times; the last error: {item.Error ?? "the worker died"}";
            if (!await handler.TryGiveUpAsync(new WorkContext(item, queue, registry), reason, stoppingToken))
                await FailAsync(item, "AttemptsExhausted", reason, stoppingToken);
            return;
        }
        using var lease = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var heartbeat = KeepLeaseAsync(item, lease);
        try
        {
            await handler.RunAsync(new WorkContext(item, queue, registry), lease.Token);
        }
        catch (Fault fault) when (fault.Kind != FaultKind.Unavailable)
        {
            await FailAsync(item, fault.Kind.ToString(), fault.Message, stoppingToken);
        }
        catch (LeaseLostException lost)
        {
            LogLeaseLost(lost.Message);
        }
        catch (OperationCanceledException) when (lease.IsCancellationRequested)
        {
            // Stopping, or the lease is lost: the item is taken again, here or elsewhere.
            if (stoppingToken.IsCancellationRequested)
                await queue.ReleaseAsync(item, error: null, TimeSpan.Zero, CancellationToken.None);
        }
        catch (Exception exception)
        {
            // The work's edge: what we did not foresee is tried again, then told.
            LogAttemptFailed(handler.Kind, item.Id, item.Attempt, exception);
            await queue.ReleaseAsync(item, exception.Message, TimeSpan.FromSeconds(Math.Pow(2, item.Failures)), stoppingToken);
        }
        finally
        {
            await lease.CancelAsync();
            await heartbeat;
        }
    }

    private async Task KeepLeaseAsync(WorkItem item, CancellationTokenSource lease)
    {
        try
        {
            while (true)
            {
                await Task.Delay(WorkQueue.Lease / 3, lease.Token);
                if (!await queue.RenewAsync(item, lease.Token))
                {
                    await lease.CancelAsync();
                    return;
                }
            }
        }
        catch (OperationCanceledException) when (lease.IsCancellationRequested)
        {
            // The work has ended.
        }
        catch (Exception exception)
        {
            // The heartbeat's edge: without it the lease may run out, and then the writes are refused.
            LogHeartbeatFailed(item.Id, exception);
        }
    }

    private Task FailAsync(WorkItem item, string kind, string reason, CancellationToken cancellationToken) =>
        registry.WriteAsync(async (db, token) =>
        {
            await queue.EndAsync(db, item, reason, token);
            var failed = new PipelineFailed
            {
                EventId = registry.NewId(),
                OccurredAt = registry.Now(),
                PipelineRunId = item.PipelineRunId,
                WorkItemId = item.Id,
                Stage = item.Kind,
                Kind = kind,
                Reason = reason,
            };
            db.Publish(failed);
            db.Audit(replica.Service, "work.failed", item.PipelineRunId, new { failed.Stage, failed.Kind, failed.Reason });
        }, cancellationToken);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Kind}: no work could be taken; trying again")]
    private partial void LogLoopFailed(string kind, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Message}; its result is dropped")]
    private partial void LogLeaseLost(string message);

    [LoggerMessage(Level = LogLevel.Error, Message = "{Kind} {WorkId}: attempt {Attempt} failed")]
    private partial void LogAttemptFailed(string kind, Guid workId, int attempt, Exception exception);

    [LoggerMessage(Level = LogLevel.Warning, Message = "the lease of {WorkId} could not be renewed")]
    private partial void LogHeartbeatFailed(Guid workId, Exception exception);
}

/// <summary>What the workers of this process have, as work rows ask for it.</summary>
/// <param name="Names"><c>cpu</c>, and <c>cuda</c> where there is such a device: the rarest last, whose work comes first.</param>
public sealed record WorkerCapabilities(IReadOnlyList<string> Names)
{
    /// <summary>Any processor.</summary>
    public const string Cpu = "cpu";

    /// <summary>A CUDA device.</summary>
    public const string Cuda = "cuda";
}
