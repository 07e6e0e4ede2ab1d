using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Options;

namespace Mlops.Registry;

/// <summary>Makes contexts for the configured database, and gives writers their turn where it allows but one.</summary>
public sealed class RegistryContexts : IDisposable
{
    private readonly Func<RegistryDbContext> _create;
    private readonly SemaphoreSlim? _oneWriter;

    /// <summary>Contexts for the options' database, whose commands and transactions go through the interceptors.</summary>
    public RegistryContexts(IOptions<RegistryOptions> options, IEnumerable<IInterceptor> interceptors)
    {
        if (options.Value.Provider == RegistryProvider.Postgres)
        {
            _create = new PooledDbContextFactory<PostgresRegistry>(Postgres(PostgresConnection.Of(options.Value), interceptors)).CreateDbContext;
        }
        else
        {
            _create = new PooledDbContextFactory<SqliteRegistry>(Sqlite(options.Value.ConnectionString, interceptors)).CreateDbContext;
            // SQLite would let writers collide and wait 150 ms at a time; in line they wait only as long as they must.
            _oneWriter = new SemaphoreSlim(1, 1);
        }
    }

    /// <summary>Whether one process has the database to itself.</summary>
    public bool IsEmbedded => _oneWriter is not null;

    /// <summary>A context of its own; the caller disposes it, and so gives it back to be used again: making one costs more than most queries.</summary>
    public RegistryDbContext Create()
    {
        var db = _create();
        db.Forget();
        // Whatever fails within a transaction of ours undoes the whole of it.
        db.Database.AutoSavepointsEnabled = false;
        return db;
    }

    /// <inheritdoc/>
    public void Dispose() => _oneWriter?.Dispose();

    internal async Task<Turn> WriteTurnAsync(CancellationToken cancellationToken)
    {
        if (_oneWriter is not null)
            await _oneWriter.WaitAsync(cancellationToken);
        return new Turn(_oneWriter);
    }

    internal static DbContextOptions<SqliteRegistry> Sqlite(string connectionString, IEnumerable<IInterceptor> interceptors) =>
        new DbContextOptionsBuilder<SqliteRegistry>()
            .UseSqlite(connectionString)
            .UseSnakeCaseNamingConvention().AddInterceptors(interceptors).Options;

    internal static DbContextOptions<PostgresRegistry> Postgres(string connectionString, IEnumerable<IInterceptor> interceptors) =>
        new DbContextOptionsBuilder<PostgresRegistry>()
            .UseNpgsql(connectionString, npgsql => npgsql.EnableRetryOnFailure(6, TimeSpan.FromSeconds(5), null))
            .UseSnakeCaseNamingConvention().AddInterceptors(interceptors).Options;

    internal readonly struct Turn(SemaphoreSlim? oneWriter) : IDisposable
    {
        public void Dispose() => oneWriter?.Release();
    }
}
