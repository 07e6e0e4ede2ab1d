using Mlops.Artifacts;
using Mlops.Chaos.Plan;
using Mlops.Registry;
using Mlops.Testing;

namespace Mlops.Chaos.Cluster;

/// <summary>The platform as processes: RabbitMQ, PostgreSQL and two replicas of each service, which reach the broker through a proxy.</summary>
internal sealed class ChaosCluster : IAsyncDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromMinutes(3);
    private readonly List<ServiceReplica> _replicas = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly string _folder;
    private TestRegistry? _registry;
    private Task _supervision = Task.CompletedTask;
    private int _revived;

    private ChaosCluster(string folder, PostgresServer postgres, RabbitServer rabbit, ArtifactVolume artifacts)
    {
        (_folder, Postgres, Rabbit, Artifacts) = (folder, postgres, rabbit, artifacts);
        Proxy = new FaultyProxy(rabbit.Address.Port);
    }

    public PostgresServer Postgres { get; }

    public RabbitServer Rabbit { get; }

    public FaultyProxy Proxy { get; }

    public ArtifactVolume Artifacts { get; }

    public IReadOnlyList<ServiceReplica> Replicas => _replicas;

    /// <summary>How often a process ended without our doing, and was started again.</summary>
    public int Revived => _revived;

    public RegistryStore Registry => _registry!.Store;

    public IArtifactStore Store => new FolderArtifactStore(Artifacts.Folder);

    public static async Task<ChaosCluster> StartAsync(string folder)
    {
        var cluster = new ChaosCluster(folder, await PostgresServer.StartPrivateAsync(), await RabbitServer.StartPrivateAsync(),
            await ArtifactVolume.CreateAsync(Path.Combine(folder, "artifacts")));
        try
        {
            await cluster.StartServicesAsync(await cluster.Postgres.CreateDatabaseAsync());
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public ServiceReplica this[ReplicaName name] => _replicas.Single(replica => replica.Name == name);

    /// <summary>Waits until every replica is ready, those included that end once more and are started again.</summary>
    public Task AllReadyAsync() => Task.WhenAll(_replicas.Select(replica => Servers.UntilAsync(async () =>
    {
        try
        {
            await replica.ReadyAsync(LongestStart);
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }, LongestStart, $"the readiness of {replica.Name}")));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _supervision;
        foreach (var replica in _replicas)
            await replica.DisposeAsync();
        await Proxy.DisposeAsync();
        if (_registry is not null)
            await _registry.DisposeAsync();
        await Rabbit.DisposeAsync();
        await Postgres.DisposeAsync();
        await Artifacts.DisposeAsync();
        _stop.Dispose();
    }

    private async Task StartServicesAsync(string database)
    {
        _registry = TestRegistry.OpenPostgres(database);
        KeyValuePair<string, string>[] settings = [
            .. Rabbit.Settings(),
            new("Bus:Port", $"{Proxy.Port}"),
            new("Artifacts:Root", Artifacts.Folder),
        ];
        await using (var migrate = ServiceProcess.Start("Governance", ["migrate"], [.. settings, .. RegistrySettings.OfOwner(database)]))
            if (await migrate.ExitedAsync(LongestStart) != 0)
                throw new InvalidOperationException($"the registry was not migrated:\n{migrate.Output}");
        foreach (var service in FaultPlan.Services)
            for (var number = 1; number <= FaultPlan.Replicas; number++)
                _replicas.Add(Start(new ReplicaName(service, number), [.. settings, .. RegistrySettings.OfService(database, service)]));
        await Task.WhenAll(_replicas.Select(replica => replica.ReadyAsync(LongestStart)));
        _supervision = SuperviseAsync();
    }

    private ServiceReplica Start(ReplicaName name, IEnumerable<KeyValuePair<string, string>> settings)
    {
        var port = Servers.FreePort();
        var process = ServiceProcess.Start(name.Service, [],
            [.. settings, new("Listen:Http", $"{port}"), .. name.Service == "Inference" ? new KeyValuePair<string, string>[] { new("Listen:Grpc", $"{Servers.FreePort()}") } : []],
            Path.Combine(_folder, $"{name.Service}-{name.Number}.log"));
        return new ServiceReplica(name, process, new Uri($"http://127.0.0.1:{port}"));
    }

    private async Task SuperviseAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _revived += _replicas.Count(replica => replica.Revive());
            await Task.WhenAny(Task.Delay(500, _stop.Token));
        }
    }
}
