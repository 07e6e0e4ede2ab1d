using Microsoft.EntityFrameworkCore.Design;

namespace Mlops.Registry;

/// <summary>Lets the <c>dotnet ef migrations</c> command make a context; no database is asked.</summary>
internal sealed class SqliteDesignTime : IDesignTimeDbContextFactory<SqliteRegistry>
{
    public SqliteRegistry CreateDbContext(string[] args) => new(RegistryContexts.Sqlite("Data Source=design.db", []));
}

/// <summary>Lets the <c>dotnet ef migrations</c> command make a context; no database is asked.</summary>
internal sealed class PostgresDesignTime : IDesignTimeDbContextFactory<PostgresRegistry>
{
    public PostgresRegistry CreateDbContext(string[] args) => new(RegistryContexts.Postgres("Host=design", []));
}
