using System.ComponentModel.DataAnnotations;

namespace Mlops.Registry;

/// <summary>The database behind the registry.</summary>
public enum RegistryProvider
{
    /// <summary>A file: the embedded default, for one process.</summary>
    Sqlite,

    /// <summary>PostgreSQL 15 or later.</summary>
    Postgres,
}

/// <summary>Where the registry is kept. Configuration section <c>Registry</c>.</summary>
public sealed class RegistryOptions
{
    /// <summary>Which database.</summary>
    public RegistryProvider Provider { get; set; } = RegistryProvider.Sqlite;

    /// <summary>For SQLite <c>Data Source=…</c>; for PostgreSQL <c>Host=…;Database=…;Username=…;Password=…</c>.</summary>
    [Required]
    public string ConnectionString { get; set; } = "";
}
