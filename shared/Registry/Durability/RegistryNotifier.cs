using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Mlops.Registry.Durability;

/// <summary>
/// Tells other processes on PostgreSQL (NOTIFY) that something was committed: a moment later, and once for many commits.
/// Within a transaction it would cost more, because PostgreSQL lets no two transactions commit at once that notify. The
/// process that committed has acted by then; the others matter where it died, or is cut off from the bus.
/// </summary>
public sealed class RegistryNotifier(IOptions<RegistryOptions> options)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly ConcurrentDictionary<string, byte> _soon = new(StringComparer.Ordinal);

    /// <summary>Has those who listen to the channel hear of it.</summary>
    internal void Tell(string channel)
    {
        if (options.Value.Provider == RegistryProvider.Postgres && _soon.TryAdd(channel, 0))
            _ = TellSoonAsync(channel);
    }

    private async Task TellSoonAsync(string channel)
    {
        await Task.Delay(Pause);
        _soon.TryRemove(channel, out _);
        try
        {
            await using var connection = new NpgsqlConnection(PostgresConnection.Of(options.Value));
            await connection.OpenAsync();
            await using var notify = new NpgsqlCommand($"NOTIFY {channel}", connection);
            await notify.ExecuteNonQueryAsync();
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException or IOException)
        {
            // Loops poll as well: what is not told costs time, never work.
        }
    }
}
