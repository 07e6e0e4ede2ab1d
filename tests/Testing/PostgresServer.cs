using System.Diagnostics;
using Npgsql;
using Testcontainers.PostgreSql;

namespace Mlops.Testing;

/// <summary>
/// A real PostgreSQL for tests: the one that <c>MLOPS_TEST_POSTGRES</c> names by a connection string, else a container
/// (image by <c>POSTGRES_IMAGE</c>) where Docker has the image or can pull it, else a private server from Debian's package.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string DebianBinaries = "/usr/lib/postgresql";
    private readonly string _connectionString;
    private readonly Func<Task> _stop;
    private readonly PrivateServer? _private;
    private int _databases;

    private PostgresServer(string connectionString, Func<Task> stop) => (_connectionString, _stop) = (connectionString, stop);

    private PostgresServer(PrivateServer server)
        : this($"Host=127.0.0.1;Port={server.Port};Username=postgres;Database=postgres", server.RemoveAsync) => _private = server;

    /// <summary>Whether <see cref="StartPrivateAsync"/> finds what it needs.</summary>
    public static bool HasPrivate => Directory.Exists(DebianBinaries);

    private PrivateServer Own => _private ?? throw new InvalidOperationException("only a private server can be killed and started again");

    public static async Task<PostgresServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_TEST_POSTGRES") is { Length: > 0 } given)
            return new PostgresServer(given, () => Task.CompletedTask);
        var image = Environment.GetEnvironmentVariable("POSTGRES_IMAGE") ?? "postgres:17";
        if (await DockerEngine.HasAsync(image))
        {
            var container = new PostgreSqlBuilder(image).WithCreateParameterModifier(DockerEngine.PublishOnLoopback).Build();
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

    /// <summary>A private server whatever else there is: one that may be killed.</summary>
    public static async Task<PostgresServer> StartPrivateAsync()
    {
        if (!HasPrivate)
            throw new InvalidOperationException("no PostgreSQL: give one in MLOPS_TEST_POSTGRES, start Docker, or install Debian's postgresql (tests/run.sh does)");
        var server = new PrivateServer();
        await server.CreateAsync();
        await server.StartAsync();
        return new PostgresServer(server);
    }

    /// <summary>kill -9, of every process of a private server.</summary>
    public Task KillAsync() => Own.KillAsync();

    /// <summary>Starts a private server that was killed, on the same data and port, and waits until it answers.</summary>
    public Task StartAgainAsync() => Own.StartAsync();

    private sealed class PrivateServer
    {
        private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(60);
        private readonly string _binaries = Directory.GetDirectories(DebianBinaries)
            .OrderByDescending(folder => folder, StringComparer.Ordinal).Select(folder => Path.Combine(folder, "bin")).First();
        private readonly string _folder = Servers.NewFolder("postgres");

        public int Port { get; } = Servers.FreePort();

        private string Data => Path.Combine(_folder, "data");

        public async Task CreateAsync()
        {
            if (Environment.IsPrivilegedProcess)
                await Servers.RunAsync("chown", "postgres:", _folder);
            await RunAsUserAsync("initdb", "-D", Data, "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync");
        }

        /// <summary>Tried again, because what a killed server leaves behind (its shared memory) goes a moment after it.</summary>
        public async Task StartAsync()
        {
            var clock = Stopwatch.StartNew();
            while (true)
            {
                try
                {
                    await RunAsUserAsync("pg_ctl", "-D", Data, "-w", "-l", Path.Combine(_folder, "log"),
                        "-o", $"-p {Port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={_folder} -c max_connections=200", "start");
                    return;
                }
                catch (InvalidOperationException) when (clock.Elapsed < LongestStart)
                {
                    await Task.Delay(200);
                }
            }
        }

        public async Task KillAsync()
        {
            var id = int.Parse((await File.ReadAllLinesAsync(Path.Combine(Data, "postmaster.pid")))[0]);
            using var server = Process.GetProcessById(id);
            server.Kill(entireProcessTree: true);
            await Servers.UntilAsync(() => Task.FromResult(!Directory.Exists($"/proc/{id}")), LongestStart, "PostgreSQL's end");
        }

        public async Task RemoveAsync()
        {
            // One that was killed and not started again is away already.
            if (File.Exists(Path.Combine(Data, "postmaster.pid")))
                await RunAsUserAsync("pg_ctl", "-D", Data, "-m", "fast", "-w", "stop");
            Directory.Delete(_folder, recursive: true);
        }

        /// <summary>PostgreSQL refuses to run as root.</summary>
        private Task RunAsUserAsync(string program, params string[] arguments) => Environment.IsPrivilegedProcess
            ? Servers.RunAsync("setpriv", ["--reuid=postgres", "--regid=postgres", "--init-groups", "--reset-env", Path.Combine(_binaries, program), .. arguments])
            : Servers.RunAsync(Path.Combine(_binaries, program), arguments);
    }
}
