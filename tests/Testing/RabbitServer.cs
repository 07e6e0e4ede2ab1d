using System.Diagnostics;
using Testcontainers.RabbitMq;

namespace Mlops.Testing;

/// <summary>
/// A real RabbitMQ for tests: the one that <c>MLOPS_TEST_RABBITMQ</c> names (<c>amqp://user:password@host:port/</c>), else a
/// container (image by <c>RABBITMQ_IMAGE</c>), else a private broker from Debian's package.
/// </summary>
public sealed class RabbitServer : IAsyncDisposable
{
    private const string DebianServer = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
    private readonly Func<Task> _stop;

    private RabbitServer(Uri address, Func<Task> stop) => (Address, _stop) = (address, stop);

    /// <summary>With user and password.</summary>
    public Uri Address { get; }

    public static async Task<RabbitServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_TEST_RABBITMQ") is { Length: > 0 } given)
            return new RabbitServer(new Uri(given), () => Task.CompletedTask);
        if (Servers.HasDocker)
        {
            var container = new RabbitMqBuilder(Environment.GetEnvironmentVariable("RABBITMQ_IMAGE") ?? "rabbitmq:4-management").Build();
            await container.StartAsync();
            return new RabbitServer(new Uri(container.GetConnectionString()), () => container.DisposeAsync().AsTask());
        }
        return await StartPrivateAsync();
    }

    /// <summary>The settings by which a service uses this broker.</summary>
    public IEnumerable<KeyValuePair<string, string>> Settings()
    {
        var user = Address.UserInfo.Split(':');
        yield return new("Bus:Transport", "RabbitMq");
        yield return new("Bus:Host", Address.Host);
        yield return new("Bus:Port", Address.Port.ToString());
        yield return new("Bus:Username", Uri.UnescapeDataString(user[0]));
        yield return new("Bus:Password", Uri.UnescapeDataString(user[1]));
    }

    public async ValueTask DisposeAsync() => await _stop();

    private static async Task<RabbitServer> StartPrivateAsync()
    {
        if (!File.Exists(DebianServer))
            throw new InvalidOperationException("no RabbitMQ: give one in MLOPS_TEST_RABBITMQ, start Docker, or install Debian's rabbitmq-server (tests/run.sh does)");
        var folder = Servers.NewFolder("rabbitmq");
        var (port, distribution, epmd) = (Servers.FreePort(), Servers.FreePort(), Servers.FreePort());
        await File.WriteAllTextAsync(Path.Combine(folder, "rabbitmq.conf"), "loopback_users = none\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "enabled_plugins"), "[].\n");
        await File.WriteAllTextAsync(Path.Combine(folder, "env.conf"), "");
        var server = Servers.Start(DebianServer, [], new Dictionary<string, string>
        {
            ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
            ["HOME"] = folder,
            ["RABBITMQ_NODENAME"] = $"mlops{port}@localhost",
            ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_NODE_PORT"] = $"{port}",
            ["RABBITMQ_DIST_PORT"] = $"{distribution}",
            ["ERL_EPMD_PORT"] = $"{epmd}",
            ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
            ["RABBITMQ_MNESIA_BASE"] = Path.Combine(folder, "data"),
            ["RABBITMQ_LOG_BASE"] = Path.Combine(folder, "log"),
            ["RABBITMQ_LOGS"] = Path.Combine(folder, "log", "broker.log"),
            ["RABBITMQ_PID_FILE"] = Path.Combine(folder, "pid"),
            ["RABBITMQ_CONFIG_FILE"] = Path.Combine(folder, "rabbitmq.conf"),
            ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(folder, "enabled_plugins"),
            ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(folder, "env.conf"),
            ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
        });
        server.OutputDataReceived += (_, _) => { };
        server.ErrorDataReceived += (_, _) => { };
        server.BeginOutputReadLine();
        server.BeginErrorReadLine();
        var log = Path.Combine(folder, "log", "broker.log");
        await Servers.UntilAsync(async () => !server.HasExited
            ? File.Exists(log) && (await File.ReadAllTextAsync(log)).Contains("Server startup complete", StringComparison.Ordinal)
            : throw new InvalidOperationException($"RabbitMQ ended with {server.ExitCode}; see {log}"), LongestStart, "RabbitMQ's start");
        return new RabbitServer(new Uri($"amqp://guest:guest@127.0.0.1:{port}/"), async () =>
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
            EndPortMapper(epmd);
            Directory.Delete(folder, recursive: true);
        });
    }

    /// <summary>Erlang's port mapper detaches itself and outlives the broker that it was started for.</summary>
    private static void EndPortMapper(int port)
    {
        foreach (var process in Process.GetProcessesByName("epmd"))
        {
            using (process)
            {
                var environment = $"/proc/{process.Id}/environ";
                if (File.Exists(environment) && File.ReadAllText(environment).Split('\0').Contains($"ERL_EPMD_PORT={port}"))
                    process.Kill();
            }
        }
    }
}
