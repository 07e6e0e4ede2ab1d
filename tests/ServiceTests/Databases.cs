using Mlops.ServiceTests;
using Mlops.Testing;
using Xunit;

[assembly: AssemblyFixture(typeof(Databases))]

namespace Mlops.ServiceTests;

/// <summary>The PostgreSQL of this test run.</summary>
public sealed class Databases : IAsyncLifetime
{
    public PostgresServer Postgres { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Postgres = await PostgresServer.StartAsync();

    public ValueTask DisposeAsync() => Postgres.DisposeAsync();

    /// <summary>An empty registry on the named database.</summary>
    public Task<TestRegistry> CreateAsync(string database, TimeProvider? time = null) => database == "Postgres"
        ? TestRegistry.PostgresAsync(Postgres, time)
        : TestRegistry.SqliteAsync(time);
}
