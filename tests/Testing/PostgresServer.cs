using Npgsql;
using Testcontainers.PostgreSql;

namespace Mlops.Testing;

/// <summary>
/// A real PostgreSQL for tests: the one that <c>MLOPS_TEST_POSTGRES</c> names by a connection string, else a container
/// (image by <c>POSTGRES_IMAGE</c>), else a private server from Debian's package.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string DebianBinaries = "/usr/lib/postgresql";
    private readonly string _connectionString;
    private readonly Func<Task> _stop;
    private int _databases;

    private PostgresServer(string connectionString, Func<Task> stop) => (_connectionString, _stop) = (connectionString, stop);

    public static async Task<PostgresServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_TEST_POSTGRES") is { Length: > 0 } given)
            return new PostgresServer(given, () => Task.CompletedTask);
        if (Servers.HasDocker)
        {
            var container = new PostgreSqlBuilder(Environment.GetEnvironmentVariable("POSTGRES_IMAGE") ?? "postgres:17").Build();
            await container.StartAsync();
            return new PostgresServer(container.GetConnectionString(), () => container.DisposeAsync().AsTask());
        }
        return await StartPrivateAsync();
    }

    /// <summary>Makes an empty database of its own.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"mlops_test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        await using var connection = new NpgsqlConnection(_connectionString);
        await connection.OpenAsync();
        await using var drop = new NpgsqlCommand($"DROP DATABASE IF EXISTS {name} WITH (FORCE)", connection);
        await drop.ExecuteNonQueryAsync();
        await using var create = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await create.ExecuteNonQueryAsync();
        return new NpgsqlConnectionStringBuilder(_connectionString) { Database = name, IncludeErrorDetail = true }.ConnectionString;
    }

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        await _stop();
    }

    private static async Task<PostgresServer> StartPrivateAsync()
    {
        var binaries = Directory.Exists(DebianBinaries)
            ? Directory.GetDirectories(DebianBinaries).OrderByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")).First()
            : throw new InvalidOperationException("no PostgreSQL: give one in MLOPS_TEST_POSTGRES, start Docker, or install Debian's postgresql (tests/run.sh does)");
        var folder = Servers.NewFolder("postgres");
        var (data, port) = (Path.Combine(folder, "data"), Servers.FreePort());
        if (Environment.IsPrivilegedProcess)
            await Servers.RunAsync("chown", "postgres:", folder);
        await RunAsUserAsync(Path.Combine(binaries, "initdb"), "-D", data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync");
        await RunAsUserAsync(Path.Combine(binaries, "pg_ctl"), "-D", data, "-w", "-l", Path.Combine(folder, "log"),
            "-o", $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c max_connections=200", "start");
        return new PostgresServer($"Host=127.0.0.1;Port={port};Username=postgres;Database=postgres", async () =>
        {
            await RunAsUserAsync(Path.Combine(binaries, "pg_ctl"), "-D", data, "-m", "fast", "-w", "stop");
            Directory.Delete(folder, recursive: true);
        });
    }

    /// <summary>PostgreSQL refuses to run as root.</summary>
    private static Task RunAsUserAsync(string file, params string[] arguments) => Environment.IsPrivilegedProcess
        ? Servers.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", file, .. arguments])
        : Servers.RunAsync(file, arguments);
}
