using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Registry;

namespace Mlops.Governance;

/// <summary>One model with its versions.</summary>
/// <param name="Name">The name.</param>
/// <param name="ChampionVersion">The version that is to be served; absent while none was promoted.</param>
/// <param name="Versions">Newest first.</param>
/// <param name="Next">What to give as <c>before</c> for the next page; absent on the last.</param>
public sealed record ModelDetail(string Name, int? ChampionVersion, IReadOnlyList<VersionSummary> Versions, int? Next);

internal static class ShowModel
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/models/{name}", (
                RegistryStore registry, string name,
                [Description("Only versions below this number.")] string? before,
                [Description(RequestValues.LimitRule)] string? limit,
                CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, name, before, RequestValues.Limit(limit), token), cancellationToken))
            .WithName(nameof(ShowModel)).WithTags("Models").WithSummary("Shows a model's versions, newest first, with metrics and latency")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    public static async Task<ModelDetail> ReadAsync(RegistryDbContext db, string name, string? before, int limit, CancellationToken cancellationToken)
    {
        var below = RequestValues.Whole("before", before, int.MaxValue, 1, int.MaxValue);
        var versions = await VersionSummary.ReadAsync(
            db,
            db.ModelVersions.Where(version => version.Name == name && version.Version < below)
                .OrderByDescending(version => version.Version).Take(limit + 1),
            cancellationToken);
        if (versions.Count == 0 && !await db.ModelVersions.AnyAsync(version => version.Name == name, cancellationToken))
            throw Fault.NotFound("name", $"there is no model '{name}'");
        var champion = await (
            from promotion in Champions.Of(db)
            where promotion.ModelName == name
            join version in db.ModelVersions on promotion.ModelVersionId equals version.Id
            select (int?)version.Version).SingleOrDefaultAsync(cancellationToken);
        return new ModelDetail(name, champion, [.. versions.Take(limit)], versions.Count > limit ? versions[limit - 1].Version : null);
    }
}
