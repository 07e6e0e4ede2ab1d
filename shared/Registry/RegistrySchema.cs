using Microsoft.EntityFrameworkCore;

namespace Mlops.Registry;

/// <summary>Brings the database to the schema of this build, or refuses one that is not.</summary>
public sealed class RegistrySchema(RegistryContexts contexts)
{
    /// <summary>Applies the migrations that are missing. A deploy step on PostgreSQL; done at start on the embedded default.</summary>
    /// <returns>The migrations that were applied.</returns>
    public async Task<IReadOnlyList<string>> MigrateAsync(CancellationToken cancellationToken)
    {
        await using var db = contexts.Create();
        IReadOnlyList<string> pending = [.. await db.Database.GetPendingMigrationsAsync(cancellationToken)];
        await db.Database.MigrateAsync(cancellationToken);
        return pending;
    }

    /// <summary>Throws unless the database has exactly the migrations that this build knows.</summary>
    /// <exception cref="InvalidOperationException">It has not; the text says what to do.</exception>
    public async Task RequireCurrentAsync(CancellationToken cancellationToken)
    {
        await using var db = contexts.Create();
        var known = db.Database.GetMigrations().ToList();
        var applied = (await db.Database.GetAppliedMigrationsAsync(cancellationToken)).ToList();
        if (known.Except(applied).FirstOrDefault() is { } missing)
            throw new InvalidOperationException($"the registry's schema lacks the migration {missing}: run the migrate command of the governance service first");
        if (applied.Except(known).FirstOrDefault() is { } unknown)
            throw new InvalidOperationException($"the registry's schema has the migration {unknown}, which this build does not know: deploy a newer build");
    }
}
