using Npgsql;

namespace Mlops.Registry;

/// <summary>The connection string as every connection of ours uses it.</summary>
internal static class PostgresConnection
{
    // A process that stands still (a stopped container, a paused machine) in the middle of a transaction would hold its
    // locks for as long as the server believes in the connection. Publishing, the longest that a transaction waits for
    // anything, is bounded to ten seconds.
    private const string Bounds = "-c idle_in_transaction_session_timeout=20000 -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3";

    // Statements that come again are parsed and planned once for each connection. A connection of ours holds nothing beyond its
    // transaction that the next one would have to be rid of. The setting's own words, where it says otherwise, win.
    private const string Speed = "Max Auto Prepare=100;Auto Prepare Min Usages=2;No Reset On Close=true";

    public static string Of(RegistryOptions options)
    {
        var connection = new NpgsqlConnectionStringBuilder($"{Speed};{options.ConnectionString}");
        connection.Options = string.IsNullOrEmpty(connection.Options) ? Bounds : $"{Bounds} {connection.Options}";
        if (options.Username is { Length: > 0 } username)
            connection.Username = username;
        if (options.Password is { Length: > 0 } password)
            connection.Password = password;
        return connection.ConnectionString;
    }
}
