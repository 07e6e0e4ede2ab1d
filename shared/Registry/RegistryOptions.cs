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

    /// <summary>PostgreSQL's user, where the connection string does not say it.</summary>
    public string? Username { get; set; }

    /// <summary>The user's password, where it comes from a file of its own rather than in the connection string.</summary>
    public string? Password { get; set; }

    /// <summary>
    /// For the migrate command: by service (<c>trainer</c> …) the password with which its role <c>mlops_{service}</c> logs in.
    /// </summary>
    public Dictionary<string, string> RolePasswords { get; } = [];

    /// <summary>How long the note is kept that an event was handled; a redelivery after that is handled by the unique keys of what it would add.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan InboxRetention { get; set; } = TimeSpan.FromDays(14);
}
