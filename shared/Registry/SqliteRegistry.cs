using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;
using Mlops.Registry.Audit;

namespace Mlops.Registry;

/// <summary>The registry in an SQLite file: the embedded default.</summary>
public sealed class SqliteRegistry(DbContextOptions<SqliteRegistry> options) : RegistryDbContext(options)
{
    internal override string SkipLocked => "";

    /// <summary>A transaction that may write is the only one from its begin on.</summary>
    internal override Task LockAsync(string name, CancellationToken cancellationToken) => Task.CompletedTask;

    internal override async Task CommitAsync(IDbContextTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await SaveChangesAsync(cancellationToken);
        if (PendingAudits.Count > 0)
            await AuditChain.AppendAsync(this, PendingAudits, now, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    internal override async Task<int> NumberAsync(string lockName, FormattableString query, CancellationToken cancellationToken) =>
        (await Database.SqlQuery<int>(query).ToListAsync(cancellationToken)).Single();

    internal override Task<List<T>> RowsAsync<T>(string statement, object[] parameters, CancellationToken cancellationToken) =>
        Set<T>().FromSqlRaw(statement, parameters).AsNoTracking().ToListAsync(cancellationToken);

    internal override object Stored(DateTimeOffset at) => at.UtcTicks;

    /// <inheritdoc/>
    public override Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        AddRange(Inserted);
        Inserted.Clear();
        return base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
    }

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        // SQLite can neither order nor compare a DateTimeOffset.
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<TicksConverter>();

    private sealed class TicksConverter() : ValueConverter<DateTimeOffset, long>(at => at.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
