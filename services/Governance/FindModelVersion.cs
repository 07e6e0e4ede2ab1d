using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance;

/// <summary>The model version that a route names.</summary>
internal static class FindModelVersion
{
    /// <exception cref="Fault">There is none: what there is instead is said.</exception>
    public static async Task<ModelVersion> ReadAsync(RegistryDbContext db, string name, string version, CancellationToken cancellationToken)
    {
        var number = RequestValues.Version(version);
        if (await db.ModelVersions.SingleOrDefaultAsync(row => row.Name == name && row.Version == number, cancellationToken) is { } found)
            return found;
        var newest = await db.ModelVersions.Where(row => row.Name == name).MaxAsync(row => (int?)row.Version, cancellationToken);
        throw newest is null
            ? Fault.NotFound("name", $"there is no model '{name}'")
            : Fault.NotFound("version", $"{name} has no version {number}; its newest is {newest}");
    }
}
