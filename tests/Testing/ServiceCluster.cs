namespace Mlops.Testing;

/// <summary>Services as processes of their own on a given broker and database; each as its own role.</summary>
public sealed class ServiceCluster : IAsyncDisposable
{
    public static readonly IReadOnlyList<string> AllServices = ["Datasets", "Trainer", "Evaluator", "Compressor", "Governance", "Inference"];

    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(3);
    private readonly Dictionary<string, Uri> _http = [];
    private readonly List<ServiceProcess> _processes = [];

    private ServiceCluster(string database) => (Database, Registry) = (database, TestRegistry.OpenPostgres(database));

    /// <summary>The owner's connection string.</summary>
    public string Database { get; }

    public TestRegistry Registry { get; }

    /// <summary>The folder of the artifacts.</summary>
    public string Artifacts { get; } = Servers.NewFolder("artifacts");

    /// <summary>Where inference answers gRPC.</summary>
    public Uri Grpc { get; } = new($"http://127.0.0.1:{Servers.FreePort()}");

    public string Output => string.Join('\n', _processes.Select(process => $"== {process.Name}\n{process.Output}"));

    /// <param name="postgres">Gets a database of its own.</param>
    /// <param name="rabbit">The broker.</param>
    /// <param name="services">Which services; one that is named several times has as many replicas.</param>
    public static async Task<ServiceCluster> StartAsync(PostgresServer postgres, RabbitServer rabbit, params IReadOnlyList<string> services)
    {
        var cluster = new ServiceCluster(await postgres.CreateDatabaseAsync());
        try
        {
            await cluster.StartAsync([.. rabbit.Settings(), new("Artifacts:Root", cluster.Artifacts)], services);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>The processes of a service.</summary>
    public IReadOnlyList<ServiceProcess> ReplicasOf(string service) => _processes.FindAll(process => process.Name == service);

    /// <summary>Where a service answers HTTP, the last of its replicas.</summary>
    public Uri this[string service] => _http[service];

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
            await process.DisposeAsync();
        await Registry.DisposeAsync();
    }

    private async Task StartAsync(KeyValuePair<string, string>[] settings, IReadOnlyList<string> services)
    {
        await using (var migrate = ServiceProcess.Start("Governance", ["migrate"], [.. settings, .. RegistrySettings.OfOwner(Database)]))
            if (await migrate.ExitedAsync(LongestStart) != 0)
                throw new InvalidOperationException($"the registry was not migrated:\n{migrate.Output}");
        var ready = new List<Task>();
        foreach (var service in services)
        {
            var http = _http[service] = new Uri($"http://127.0.0.1:{Servers.FreePort()}");
            KeyValuePair<string, string>[] listen = [
                new("Listen:Http", $"{http.Port}"),
                .. service == "Inference" ? new KeyValuePair<string, string>[] { new("Listen:Grpc", $"{Grpc.Port}") } : [],
            ];
            _processes.Add(ServiceProcess.Start(service, [], [.. settings, .. RegistrySettings.OfService(Database, service), .. listen]));
            ready.Add(_processes[^1].ReadyAsync(http, LongestStart));
        }
        await Task.WhenAll(ready);
    }
}
