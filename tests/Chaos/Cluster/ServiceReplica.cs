using Mlops.Chaos.Plan;
using Mlops.Testing;

namespace Mlops.Chaos.Cluster;

/// <summary>One process of a service, which is started again whenever it has ended, as an orchestrator does.</summary>
internal sealed class ServiceReplica(ReplicaName name, ServiceProcess process, Uri http) : IAsyncDisposable
{
    // One who kills, pauses or starts at a time.
    private readonly SemaphoreSlim _turn = new(1, 1);

    public ReplicaName Name => name;

    public Uri Http => http;

    /// <summary>How the registry names it as a worker ends so.</summary>
    public string WorkerSuffix => $"-{process.Id}";

    public Task ReadyAsync(TimeSpan longest) => process.ReadyAsync(http, longest);

    public Task KillAsync(Func<Task> whileDown) => TakeTurnAsync(async () =>
    {
        await process.KillAsync();
        await whileDown();
        process.StartAgain();
    });

    public Task PauseAsync(Func<Task> whilePaused) => TakeTurnAsync(async () =>
    {
        await process.PauseAsync();
        try
        {
            await whilePaused();
        }
        finally
        {
            await process.ContinueAsync();
        }
    });

    /// <summary>Starts it again if it has ended without our doing.</summary>
    /// <returns>Whether it had.</returns>
    public bool Revive()
    {
        if (!_turn.Wait(0))
            return false;
        try
        {
            if (!process.HasExited)
                return false;
            process.StartAgain();
            return true;
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        _turn.Dispose();
    }

    private async Task TakeTurnAsync(Func<Task> act)
    {
        await _turn.WaitAsync();
        try
        {
            // It may have ended by itself a moment ago.
            if (process.HasExited)
                process.StartAgain();
            await act();
        }
        finally
        {
            _turn.Release();
        }
    }
}
