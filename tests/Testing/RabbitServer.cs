using System.Diagnostics;
using System.Text.Json;
using Testcontainers.RabbitMq;

namespace Mlops.Testing;

/// <summary>
/// A real RabbitMQ for tests: the one that <c>MLOPS_TEST_RABBITMQ</c> names (<c>amqp://user:password@host:port/</c>), else a
/// container (image by <c>RABBITMQ_IMAGE</c>) where Docker has the image or can pull it, else a private broker from Debian's
/// package.
/// </summary>
public sealed class RabbitServer : IAsyncDisposable
{
    private const string DebianServer = "/usr/lib/rabbitmq/bin/rabbitmq-server";
    private const string DebianTool = "/usr/lib/rabbitmq/bin/rabbitmqctl";
    private readonly Func<Task> _stop;
    private readonly PrivateServer? _private;

    private RabbitServer(Uri address, Func<Task> stop) => (Address, _stop) = (address, stop);

    private RabbitServer(PrivateServer server)
        : this(new Uri($"amqp://guest:guest@127.0.0.1:{server.Port}/"), server.RemoveAsync) => _private = server;

    /// <summary>Whether <see cref="StartPrivateAsync"/> finds what it needs.</summary>
    public static bool HasPrivate => File.Exists(DebianServer);

    private PrivateServer Own => _private ?? throw new InvalidOperationException("only a private broker can be killed, started again and asked by its tool");

    /// <summary>With user and password.</summary>
    public Uri Address { get; }

    public static async Task<RabbitServer> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("MLOPS_TEST_RABBITMQ") is { Length: > 0 } given)
            return new RabbitServer(new Uri(given), () => Task.CompletedTask);
        var image = Environment.GetEnvironmentVariable("RABBITMQ_IMAGE") ?? "rabbitmq:4-management";
        if (await DockerEngine.HasAsync(image))
        {
            var container = new RabbitMqBuilder(image).WithCreateParameterModifier(DockerEngine.PublishOnLoopback).Build();
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

    /// <summary>A private broker whatever else there is: one that may be killed.</summary>
    public static async Task<RabbitServer> StartPrivateAsync()
    {
        if (!HasPrivate)
            throw new InvalidOperationException("no RabbitMQ: give one in MLOPS_TEST_RABBITMQ, start Docker, or install Debian's rabbitmq-server (tests/run.sh does)");
        var server = new PrivateServer();
        await server.StartAsync();
        return new RabbitServer(server);
    }

    /// <summary>kill -9, of every process of a private broker.</summary>
    public Task KillAsync() => Own.KillAsync();

    /// <summary>Starts a private broker that was killed, on the same data and port, and waits until it answers.</summary>
    public Task StartAgainAsync() => Own.StartAsync();

    /// <summary>Every queue of a private broker, with how many messages it holds, handed out ones included.</summary>
    public Task<IReadOnlyDictionary<string, long>> QueuesAsync() => Own.QueuesAsync();

    private sealed class PrivateServer
    {
        private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
        private readonly string _folder = Servers.NewFolder("rabbitmq");
        private readonly int _portMapper = Servers.FreePort();
        private readonly Dictionary<string, string> _environment;
        private Process? _process;

        public PrivateServer()
        {
            foreach (var (file, content) in new[] { ("rabbitmq.conf", "loopback_users = none\n"), ("enabled_plugins", "[].\n"), ("env.conf", "") })
                File.WriteAllText(Path.Combine(_folder, file), content);
            _environment = new()
            {
                ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin",
                ["HOME"] = _folder,
                ["RABBITMQ_NODENAME"] = $"mlops{Port}@localhost",
                ["RABBITMQ_NODE_IP_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_NODE_PORT"] = $"{Port}",
                ["RABBITMQ_DIST_PORT"] = $"{Servers.FreePort()}",
                ["ERL_EPMD_PORT"] = $"{_portMapper}",
                ["ERL_EPMD_ADDRESS"] = "127.0.0.1",
                ["RABBITMQ_MNESIA_BASE"] = Path.Combine(_folder, "data"),
                ["RABBITMQ_LOG_BASE"] = Path.Combine(_folder, "log"),
                ["RABBITMQ_LOGS"] = Log,
                ["RABBITMQ_PID_FILE"] = Path.Combine(_folder, "pid"),
                ["RABBITMQ_CONFIG_FILE"] = Path.Combine(_folder, "rabbitmq.conf"),
                ["RABBITMQ_ENABLED_PLUGINS_FILE"] = Path.Combine(_folder, "enabled_plugins"),
                ["RABBITMQ_CONF_ENV_FILE"] = Path.Combine(_folder, "env.conf"),
                ["RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"] = "-kernel inet_dist_use_interface {127,0,0,1}",
            };
        }

        public int Port { get; } = Servers.FreePort();

        private string Log => Path.Combine(_folder, "log", "broker.log");

        public async Task StartAsync()
        {
            // A start before this one has written into the same log.
            var told = File.Exists(Log) ? (await File.ReadAllTextAsync(Log)).Length : 0;
            var server = _process = Servers.Start(DebianServer, [], _environment);
            server.OutputDataReceived += (_, _) => { };
            server.ErrorDataReceived += (_, _) => { };
            server.BeginOutputReadLine();
            server.BeginErrorReadLine();
            await Servers.UntilAsync(async () => !server.HasExited
                ? File.Exists(Log) && (await File.ReadAllTextAsync(Log)).IndexOf("Server startup complete", told, StringComparison.Ordinal) >= 0
                : throw new InvalidOperationException($"RabbitMQ ended with {server.ExitCode}; see {Log}"), LongestStart, "RabbitMQ's start");
        }

        public async Task KillAsync()
        {
            if (_process is not { } server)
                return;
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync();
            server.Dispose();
            _process = null;
        }

        public async Task<IReadOnlyDictionary<string, long>> QueuesAsync()
        {
            var listed = await Servers.RunAsync(DebianTool, ["--quiet", "list_queues", "name", "messages", "--formatter", "json"], _environment);
            return JsonDocument.Parse(listed).RootElement.EnumerateArray()
                .ToDictionary(queue => queue.GetProperty("name").GetString()!, queue => queue.GetProperty("messages").GetInt64());
        }

        public async Task RemoveAsync()
        {
            await KillAsync();
            await EndPortMapperAsync(_portMapper);
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>Erlang's port mapper detaches itself and outlives the broker that it was started for.</summary>
    private static async Task EndPortMapperAsync(int port)
    {
        foreach (var process in Process.GetProcessesByName("epmd"))
        {
            using (process)
            {
                try
                {
                    if ((await File.ReadAllTextAsync($"/proc/{process.Id}/environ")).Split('\0').Contains($"ERL_EPMD_PORT={port}"))
                        process.Kill();
                }
                catch (IOException)
                {
                    // Another broker's, which has ended by now.
                }
            }
        }
    }
}
