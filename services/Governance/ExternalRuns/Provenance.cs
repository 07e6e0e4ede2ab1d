using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Governance.ExternalRuns;

/// <summary>Where a model that was made elsewhere is from.</summary>
/// <param name="Source">Who or what made it.</param>
/// <param name="License">Under which license it may be used; absent where nobody has said so.</param>
/// <param name="TrainingDataDigest">SHA-256 of what it was trained on; absent where nobody knows it.</param>
public sealed record Provenance(string Source, string? License, string? TrainingDataDigest)
{
    /// <summary>Of a version, or of the one that it was compressed from.</summary>
    internal static Task<Provenance?> OfAsync(RegistryDbContext db, ModelVersion version, CancellationToken cancellationToken) =>
        db.ExternalRuns
            .Where(run => run.Id == version.ExternalRunId || db.ModelVersions.Any(parent => parent.Id == version.ParentId && parent.ExternalRunId == run.Id))
            .Select(run => new Provenance(run.Source, run.License, run.DatasetDigest)).SingleOrDefaultAsync(cancellationToken);
}
