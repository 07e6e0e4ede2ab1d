using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Durability;

namespace Mlops.Registry;

/// <summary>The way into the registry: one call is one transaction.</summary>
public sealed class RegistryStore(RegistryContexts contexts, OutboxSignal outboxSignal, WorkSignal workSignal, RunSignal runSignal, RegistryNotifier notifier, TimeProvider time)
{
    /// <summary>
    /// Runs <paramref name="work"/> and commits what it changed together with its audit entries and outbox messages.
    /// A lost connection runs it again from the start, so it must do nothing but read and write through its context.
    /// </summary>
    /// <exception cref="Contracts.Fault">Whatever the work threw; nothing is changed then.</exception>
    public Task<T> WriteAsync<T>(Func<RegistryDbContext, CancellationToken, Task<T>> work, CancellationToken cancellationToken) =>
        ExecuteAsync(async (db, token) =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            var result = await work(db, token);
            await db.CommitAsync(transaction, Now(), token);
            return result;
        }, cancellationToken);

    /// <inheritdoc cref="WriteAsync{T}"/>
    public Task WriteAsync(Func<RegistryDbContext, CancellationToken, Task> work, CancellationToken cancellationToken) =>
        WriteAsync(async (db, token) =>
        {
            await work(db, token);
            return true;
        }, cancellationToken);

    /// <summary>Runs one statement, which is a transaction of its own, without audit entries and outbox messages.</summary>
    internal async Task<T> ExecuteAsync<T>(Func<RegistryDbContext, CancellationToken, Task<T>> statement, CancellationToken cancellationToken)
    {
        using var turn = await contexts.WriteTurnAsync(cancellationToken);
        await using var db = contexts.Create();
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            db.Forget();
            var result = await statement(db, token);
            Signal(db);
            return result;
        }, cancellationToken);
    }

    /// <summary>Reads without tracking or locking.</summary>
    public async Task<T> ReadAsync<T>(Func<RegistryDbContext, CancellationToken, Task<T>> query, CancellationToken cancellationToken)
    {
        await using var db = contexts.Create();
        db.ChangeTracker.QueryTrackingBehavior = QueryTrackingBehavior.NoTracking;
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(token => query(db, token), cancellationToken);
    }

    private void Signal(RegistryDbContext db)
    {
        if (db.HasPublished)
        {
            outboxSignal.Set();
            notifier.Tell(RegistryListener.OutboxChannel);
        }
        foreach (var kind in db.Enqueued)
            workSignal.Of(kind).Set();
        if (db.HasMovedRuns)
        {
            runSignal.Set();
            notifier.Tell(RegistryListener.RunChannel);
        }
    }

    /// <summary>Now, in UTC and whole microseconds: what both databases can keep.</summary>
    public DateTimeOffset Now() => Storable(time.GetUtcNow());

    /// <summary>A time as both databases can keep it: in UTC and whole microseconds.</summary>
    public static DateTimeOffset Storable(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>A new id; ids sort by when they were made.</summary>
    public Guid NewId() => Guid.CreateVersion7(time.GetUtcNow());
}
