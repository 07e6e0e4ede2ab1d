using Microsoft.Extensions.Options;
using Npgsql;

namespace Mlops.Registry.Durability;

/// <summary>
/// Hears on PostgreSQL (LISTEN) what other processes committed, and wakes the loops of this one. Triggers of the schema
/// notify, so that every writer does. Needs a connection of its own that no pooler shares out by transaction.
/// </summary>
public sealed class RegistryListener(IOptions<RegistryOptions> options, OutboxSignal outbox, WorkSignal work, RunSignal runs)
{
    /// <summary>Channel of new outbox messages.</summary>
    public const string OutboxChannel = "mlops_outbox";

    /// <summary>Channel of work that waits; the payload is its kind.</summary>
    public const string WorkChannel = "mlops_work";

    /// <summary>Channel of runs that stand somewhere else.</summary>
    public const string RunChannel = "mlops_run";

    /// <summary>
    /// The process that committed publishes at once; the others give it this head start, and look but once for many
    /// events. They matter where that process died, or is cut off from the bus.
    /// </summary>
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(50);

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);
    private int _outboxIsDue;

    /// <summary>Listens on one connection until it breaks or the token is cancelled; the caller calls again.</summary>
    public async Task ListenAsync(CancellationToken cancellationToken)
    {
        await using var connection = new NpgsqlConnection(PostgresConnection.Of(options.Value));
        await connection.OpenAsync(cancellationToken);
        connection.Notification += (_, notification) => Hear(notification.Channel, notification.Payload);
        await using (var listen = new NpgsqlCommand($"LISTEN {OutboxChannel}; LISTEN {WorkChannel}; LISTEN {RunChannel}", connection))
            await listen.ExecuteNonQueryAsync(cancellationToken);
        // What was committed before this connection stood was not heard.
        outbox.Set();
        work.SetAll();
        runs.Set();
        while (true)
        {
            // A server that vanished without a word is found out by asking.
            if (!await connection.WaitAsync(LongestSilence, cancellationToken))
            {
                await using var alive = new NpgsqlCommand("SELECT 1", connection);
                await alive.ExecuteNonQueryAsync(cancellationToken);
            }
        }
    }

    private void Hear(string channel, string payload)
    {
        if (channel == WorkChannel)
            work.Of(payload).Set();
        else if (channel == RunChannel)
            runs.Set();
        else if (Interlocked.Exchange(ref _outboxIsDue, 1) == 0)
            _ = Task.Delay(HeadStart).ContinueWith(_ =>
            {
                Interlocked.Exchange(ref _outboxIsDue, 0);
                outbox.Set();
            }, TaskScheduler.Default);
    }
}
