using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Mlops.Registry.Audit;
using Npgsql;

namespace Mlops.Registry;

/// <summary>The registry in PostgreSQL, which is asked as seldom as can be: a journey there costs more than most of what is done there.</summary>
public sealed class PostgresRegistry(DbContextOptions<PostgresRegistry> options) : RegistryDbContext(options)
{
    private const string Lock = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))";

    internal override string SkipLocked => "FOR UPDATE SKIP LOCKED";

    private NpgsqlConnection Connection => (NpgsqlConnection)Database.GetDbConnection();

    internal override object Stored(DateTimeOffset at) => at;

    internal override async Task LockAsync(string name, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection) { BatchCommands = { Command(Lock, [name]) } };
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public override async Task<int> SaveChangesAsync(bool acceptAllChangesOnSuccess, CancellationToken cancellationToken = default)
    {
        var changed = await base.SaveChangesAsync(acceptAllChangesOnSuccess, cancellationToken);
        return Inserted.Count == 0 ? changed : changed + await WriteAsync([], cancellationToken);
    }

    internal override async Task CommitAsync(IDbContextTransaction transaction, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await base.SaveChangesAsync(acceptAllChangesOnSuccess: true, cancellationToken);
        var last = new List<NpgsqlBatchCommand>();
        if (PendingAudits.Count > 0)
            last.Add(Command("SELECT append_audit_entries($1)", [PendingAudits.Select(entry => AuditChain.TextAfterNumber(now, entry)).ToArray()]));
        // On the same journey, because the log's end is held until then.
        last.Add(Command("COMMIT", []));
        await WriteAsync(last, cancellationToken);
    }

    internal override async Task<int> NumberAsync(string lockName, FormattableString query, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection)
        {
            // Two statements: the second sees what was committed while the first waited.
            BatchCommands = { Command(Lock, [lockName]), Command(Positional(query.Format, query.ArgumentCount), query.GetArguments()!) },
        };
        await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
        await reader.NextResultAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return reader.GetInt32(0);
    }

    internal override async Task<List<T>> RowsAsync<T>(string statement, object[] parameters, CancellationToken cancellationToken)
    {
        await Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var batch = new NpgsqlBatch(Connection);
            // In the order of an index, which passes over a deleted row but once: a bitmap of the few rows that wait is made
            // from all that were deleted since the last vacuum.
            if (Database.CurrentTransaction is not null)
                batch.BatchCommands.Add(Command("SET LOCAL enable_bitmapscan = off", []));
            batch.BatchCommands.Add(Command(Positional(statement, parameters.Length), parameters));
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            var (rows, tables) = (new List<T>(), PostgresTables.Of(Model));
            while (await reader.ReadAsync(cancellationToken))
                rows.Add(tables.Row<T>(reader));
            return rows;
        }
        finally
        {
            await Database.CloseConnectionAsync();
        }
    }

    /// <summary>Writes what is inserted, and does what comes after.</summary>
    private async Task<int> WriteAsync(IEnumerable<NpgsqlBatchCommand> after, CancellationToken cancellationToken)
    {
        await using var batch = new NpgsqlBatch(Connection);
        foreach (var command in PostgresTables.Of(Model).Inserts(Inserted).Concat(after))
            batch.BatchCommands.Add(command);
        Inserted.Clear();
        try
        {
            return await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        catch (PostgresException refused)
        {
            // What EF Core says on the other database: a row that somebody else inserted first is tried again by that name.
            throw new DbUpdateException(refused.Message, refused);
        }
    }

    /// <summary>{0}, {1} … as PostgreSQL's own $1, $2 …</summary>
    private static string Positional(string format, int count) =>
        string.Format(format, [.. Enumerable.Range(1, count).Select(object (number) => $"${number}")]);

    private static NpgsqlBatchCommand Command(string text, IEnumerable<object> parameters)
    {
        var command = new NpgsqlBatchCommand(text);
        foreach (var parameter in parameters)
            command.Parameters.Add(new NpgsqlParameter { Value = parameter });
        return command;
    }
}
