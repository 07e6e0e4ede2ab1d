using Microsoft.Extensions.DependencyInjection;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Roles;

namespace Mlops.Testing;

/// <summary>An empty registry of its own on a given database, with the schema of this build.</summary>
public sealed class TestRegistry : IAsyncDisposable
{
    private readonly ServiceProvider _services;
    private readonly string? _file;

    private TestRegistry(RegistryProvider provider, string connectionString, TimeProvider time, string? file, Action<RegistryOptions>? configure = null)
    {
        var services = new ServiceCollection();
        services.AddSingleton(time);
        services.AddRegistry();
        services.Configure<RegistryOptions>(options => (options.Provider, options.ConnectionString) = (provider, connectionString));
        if (configure is not null)
            services.Configure(configure);
        _services = services.BuildServiceProvider();
        _file = file;
    }

    public RegistryStore Store => _services.GetRequiredService<RegistryStore>();

    public WorkQueue Work => _services.GetRequiredService<WorkQueue>();

    public Outbox Outbox => _services.GetRequiredService<Outbox>();

    public ServiceRoles Roles => _services.GetRequiredService<ServiceRoles>();

    public RegistrySchema Schema => _services.GetRequiredService<RegistrySchema>();

    public static async Task<TestRegistry> SqliteAsync(TimeProvider? time = null)
    {
        var file = Path.Combine(Servers.NewFolder("registry"), "registry.db");
        var registry = new TestRegistry(RegistryProvider.Sqlite, $"Data Source={file};Pooling=False", time ?? TimeProvider.System, file);
        await registry.Schema.MigrateAsync(CancellationToken.None);
        return registry;
    }

    public static async Task<TestRegistry> PostgresAsync(PostgresServer server, TimeProvider? time = null)
    {
        var registry = new TestRegistry(RegistryProvider.Postgres, await server.CreateDatabaseAsync(), time ?? TimeProvider.System, file: null);
        await registry.Schema.MigrateAsync(CancellationToken.None);
        return registry;
    }

    /// <summary>The registry of other processes, as it is.</summary>
    public static TestRegistry OpenSqlite(string file) => new(RegistryProvider.Sqlite, $"Data Source={file};Pooling=False", TimeProvider.System, file: null);

    /// <inheritdoc cref="OpenSqlite"/>
    public static TestRegistry OpenPostgres(string connectionString, Action<RegistryOptions>? configure = null) =>
        new(RegistryProvider.Postgres, connectionString, TimeProvider.System, file: null, configure);

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        if (_file is not null)
            Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
    }
}
