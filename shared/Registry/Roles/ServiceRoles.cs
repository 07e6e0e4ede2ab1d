using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Npgsql;

namespace Mlops.Registry.Roles;

/// <summary>
/// Sees to it that each service has a role in PostgreSQL that can write what is its own and nothing else. The migrate
/// command does it as the tables' owner, whom no service needs to be.
/// </summary>
public sealed class ServiceRoles(RegistryContexts contexts, IOptions<RegistryOptions> options)
{
    /// <summary>Each attempt lost to another migration means that the other came through: so many at once are served.</summary>
    private const int MostAttempts = 20;

    /// <summary>The services that have a role.</summary>
    public static IReadOnlyList<string> Services { get; } = [.. ServiceRole.All.Select(role => role.Service)];

    /// <summary>
    /// Makes the roles <c>mlops_{service}</c> that are not there, gives each exactly its rights, and lets those log in that
    /// have a password in <see cref="RegistryOptions.RolePasswords"/>. On the embedded default there is nothing to do.
    /// </summary>
    /// <returns>The roles' names.</returns>
    /// <exception cref="Fault">Invalid: a password is given for what is no service.</exception>
    public async Task<IReadOnlyList<string>> GrantAsync(CancellationToken cancellationToken)
    {
        var passwords = options.Value.RolePasswords;
        if (passwords.Keys.FirstOrDefault(service => !Services.Contains(service)) is { } unknown)
            throw Fault.Invalid($"Registry:RolePasswords:{unknown}", $"there is no such service; {string.Join(", ", Services)} are accepted");
        if (contexts.IsEmbedded)
            return [];
        var statements = ServiceRole.All.SelectMany(role => Begin(role, passwords.GetValueOrDefault(role.Service))).Concat(Grants()).ToList();
        for (var attempt = 1; ; attempt++)
            try
            {
                await ExecuteAsync(statements, cancellationToken);
                return [.. ServiceRole.All.Select(role => role.Name)];
            }
            catch (PostgresException lost) when (lost.SqlState == PostgresErrorCodes.InternalError && attempt < MostAttempts)
            {
                // "tuple concurrently updated": another database's migration changed the same role while this one waited.
            }
    }

    private async Task ExecuteAsync(IReadOnlyList<string> statements, CancellationToken cancellationToken)
    {
        await using var db = contexts.Create();
        await db.Database.CreateExecutionStrategy().ExecuteAsync(async token =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync(token);
            foreach (var statement in statements)
                // No format string: nothing in it stands for a parameter.
                await db.Database.ExecuteSqlRawAsync(statement.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal), token);
            await transaction.CommitAsync(token);
        }, cancellationToken);
    }

    private static IEnumerable<string> Begin(ServiceRole role, string? password)
    {
        // Roles belong to the whole server: another database's migration may be making it at this moment.
        yield return $"DO $$ BEGIN CREATE ROLE {role.Name} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$";
        if (password is { Length: > 0 })
            yield return $"ALTER ROLE {role.Name} LOGIN PASSWORD '{password.Replace("'", "''", StringComparison.Ordinal)}'";
        yield return $"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role.Name}";
        yield return $"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role.Name}";
        yield return $"GRANT EXECUTE ON FUNCTION append_audit_entries TO {role.Name}";
    }

    private static IEnumerable<string> Grants()
    {
        var rights = ServiceRole.All.SelectMany(role => role.Rights.Select(right => (role.Name, Right: right))).ToList();
        var conditioned = rights.Where(given => given.Right.Rows is not null).Select(given => given.Right.Table).Distinct().ToList();
        foreach (var table in conditioned)
        {
            yield return $"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY";
            yield return $"DROP POLICY IF EXISTS readable ON {table}";
            yield return $"CREATE POLICY readable ON {table} FOR SELECT USING (true)";
        }
        foreach (var (role, right) in rights)
            foreach (var statement in right.GrantTo(role, conditioned.Contains(right.Table)))
                yield return statement;
    }
}
