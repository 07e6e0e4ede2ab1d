using Mlops.Registry.Roles;

namespace Mlops.Testing;

/// <summary>How processes reach a PostgreSQL registry: the migrate command as its owner, each service as its own role.</summary>
public static class RegistrySettings
{
    private const string RolePassword = "of a role in a test";

    /// <summary>For the migrate command, which lets the roles log in.</summary>
    public static IEnumerable<KeyValuePair<string, string>> OfOwner(string database) =>
        [.. Of(database), .. ServiceRoles.Services.Select(service => new KeyValuePair<string, string>($"Registry:RolePasswords:{service}", RolePassword))];

    /// <param name="database">Its connection string.</param>
    /// <param name="service">The service's project.</param>
    public static IEnumerable<KeyValuePair<string, string>> OfService(string database, string service) =>
        [.. Of(database), new("Registry:Username", $"mlops_{service.ToLowerInvariant()}"), new("Registry:Password", RolePassword)];

    private static KeyValuePair<string, string>[] Of(string database) => [new("Registry:Provider", "Postgres"), new("Registry:ConnectionString", database)];
}
