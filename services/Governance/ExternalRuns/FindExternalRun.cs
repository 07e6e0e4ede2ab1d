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
}
