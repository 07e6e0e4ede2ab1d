using Microsoft.Extensions.Options;
using Npgsql;

namespace Mlops.Registry.Durability;

/// <summary>
/// Hears on PostgreSQL (LISTEN) what other processes committed, and wakes the loops of this one: see
/// <see cref="RegistryNotifier"/>, and triggers of the schema for work that waits and for outcomes. Needs a connection of
/// its own that no pooler shares out by transaction.
/// </summary>
public sealed class RegistryListener(IOptions<RegistryOptions> options, OutboxSignal outbox, WorkSignal work, RunSignal runs)
{
    /// <summary>Channel of new outbox messages.</summary>
    public const string OutboxChannel = "mlops_outbox";

    /// <summary>Channel of work that waits; the payload is its kind.</summary>
    public const string WorkChannel = "mlops_work";

    /// <summary>Channel of runs that stand somewhere else.</summary>
    public const string RunChannel = "mlops_run";

    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(30);

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
        else
            outbox.Set();
    }
}
