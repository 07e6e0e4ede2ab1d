using Microsoft.EntityFrameworkCore;
using Microsoft.Net.Http.Headers;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Registry;
using Mlops.Registry.Facts;

namespace Mlops.Datasets;

/// <summary>A data set in a list.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">Its newest version.</param>
/// <param name="Rows">Rows of the newest version.</param>
/// <param name="Digest">SHA-256 of the newest version's file.</param>
/// <param name="CreatedAt">When the newest version was registered, UTC.</param>
public sealed record DatasetSummary(string Name, int Version, long Rows, string Digest, DateTimeOffset CreatedAt);

/// <summary>Lists, shows and hands out registered data sets.</summary>
internal static class ListDatasets
{
    public static void Map(RouteGroupBuilder datasets)
    {
        datasets.MapGet("/", ListAsync).WithName("ListDatasets").WithSummary("The data sets, each with its newest version");
        datasets.MapGet("/{name}/versions", VersionsAsync).WithName("ListDatasetVersions").WithSummary("The versions of a data set, newest first")
            .ProducesProblem(StatusCodes.Status404NotFound);
        datasets.MapGet("/{name}/versions/{version:int}", ShowAsync).WithName("ShowDatasetVersion").WithSummary("Schema and profile of a version")
            .ProducesProblem(StatusCodes.Status404NotFound);
        datasets.MapGet("/{name}/versions/{version:int}/content", DownloadAsync).WithName("DownloadDatasetVersion").WithSummary("The file as it was registered")
            .Produces(StatusCodes.Status200OK, contentType: "text/csv").ProducesProblem(StatusCodes.Status404NotFound);
    }

    /// <exception cref="Fault">There is no such version.</exception>
    public static async Task<DatasetVersion> FindAsync(RegistryStore registry, string name, int version, CancellationToken cancellationToken) =>
        await registry.ReadAsync((db, token) => db.DatasetVersions.SingleOrDefaultAsync(row => row.Name == name && row.Version == version, token), cancellationToken)
            ?? throw Fault.NotFound("version", $"there is no version {version} of a data set '{name}'");

    private static Task<List<DatasetSummary>> ListAsync(RegistryStore registry, CancellationToken cancellationToken) =>
        registry.ReadAsync((db, token) => db.DatasetVersions
            .Where(row => row.Version == db.DatasetVersions.Where(other => other.Name == row.Name).Max(other => other.Version))
            .OrderBy(row => row.Name)
            .Select(row => new DatasetSummary(row.Name, row.Version, row.Rows, row.Digest, row.CreatedAt))
            .ToListAsync(token), cancellationToken);

    private static async Task<List<DatasetSummary>> VersionsAsync(string name, RegistryStore registry, CancellationToken cancellationToken)
    {
        var versions = await registry.ReadAsync((db, token) => db.DatasetVersions
            .Where(row => row.Name == name).OrderByDescending(row => row.Version)
            .Select(row => new DatasetSummary(row.Name, row.Version, row.Rows, row.Digest, row.CreatedAt))
            .ToListAsync(token), cancellationToken);
        return versions.Count > 0 ? versions : throw Fault.NotFound("name", $"there is no data set '{name}'");
    }

    private static async Task<DatasetResponse> ShowAsync(string name, int version, RegistryStore registry, CancellationToken cancellationToken) =>
        DatasetResponse.Of(await FindAsync(registry, name, version, cancellationToken));

    private static async Task<IResult> DownloadAsync(
        string name, int version, RegistryStore registry, IArtifactStore artifacts, CancellationToken cancellationToken)
    {
        var found = await FindAsync(registry, name, version, cancellationToken);
        var content = await artifacts.OpenAsync(ContentDigest.Parse(found.Digest), cancellationToken);
        // In chunks, though the length is known: that the bytes are intact shows at their end, and only an answer in chunks
        // can still be broken off there.
        return TypedResults.Stream(content, "text/csv", $"{name}-{version}.csv", entityTag: new EntityTagHeaderValue($"\"{found.Digest}\""));
    }
}
