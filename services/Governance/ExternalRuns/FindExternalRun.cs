using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.ExternalRuns;

/// <summary>The run elsewhere that a route names.</summary>
internal static class FindExternalRun
{
    /// <exception cref="Fault">NotFound: there is none.</exception>
    public static async Task<ExternalRun> ReadAsync(RegistryDbContext db, Guid id, CancellationToken cancellationToken) =>
        await db.ExternalRuns.AsNoTracking().SingleOrDefaultAsync(run => run.Id == id, cancellationToken)
            ?? throw Fault.NotFound("id", $"there is no run from elsewhere {id}");

    /// <summary>The newest registered data set version of that digest; null where there is none.</summary>
    public static Task<Guid?> DatasetAsync(RegistryDbContext db, string digest, CancellationToken cancellationToken) =>
        db.DatasetVersions.Where(version => version.Digest == digest).OrderByDescending(version => version.Id).Select(version => (Guid?)version.Id).FirstOrDefaultAsync(cancellationToken);
}
