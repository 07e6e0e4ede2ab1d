using System.ComponentModel;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;

namespace Mlops.Governance;

/// <summary>Models by name.</summary>
/// <param name="Models">In the order of their names.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; absent on the last.</param>
public sealed record ModelList(IReadOnlyList<ModelSummary> Models, string? Next);

/// <summary>A model: all versions of one name.</summary>
/// <param name="Name">The name.</param>
/// <param name="ChampionVersion">The version that is to be served; absent while none was promoted.</param>
/// <param name="NewestVersion">The highest version number.</param>
/// <param name="CreatedAt">When its first version was made; UTC.</param>
public sealed record ModelSummary(string Name, int? ChampionVersion, int NewestVersion, DateTimeOffset CreatedAt);

internal static class ListModels
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/models", (
                RegistryStore registry,
                [Description("Only names after this one.")] string? after,
                [Description(RequestValues.LimitRule)] string? limit,
                CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, after, RequestValues.Limit(limit), token), cancellationToken))
            .WithName(nameof(ListModels)).WithTags("Models").WithSummary("Lists models by name with their champion and newest versions")
            .ProducesProblem(StatusCodes.Status400BadRequest);

    public static async Task<ModelList> ReadAsync(RegistryDbContext db, string? after, int limit, CancellationToken cancellationToken)
    {
        var versions = after is null ? db.ModelVersions : db.ModelVersions.Where(version => version.Name.CompareTo(after) > 0);
        var found = await versions.GroupBy(version => version.Name)
            .Select(group => new { Name = group.Key, Newest = group.Max(version => version.Version), CreatedAt = group.Min(version => version.CreatedAt) })
            .OrderBy(model => model.Name).Take(limit + 1).ToListAsync(cancellationToken);
        var names = found.Take(limit).Select(model => model.Name).ToList();
        var champions = await (
            from promotion in Champions.Of(db)
            where names.Contains(promotion.ModelName)
            join version in db.ModelVersions on promotion.ModelVersionId equals version.Id
            select new { promotion.ModelName, version.Version }).ToDictionaryAsync(champion => champion.ModelName, champion => (int?)champion.Version, cancellationToken);
        return new ModelList(
            [.. found.Take(limit).Select(model => new ModelSummary(model.Name, champions.GetValueOrDefault(model.Name), model.Newest, model.CreatedAt))],
            found.Count > limit ? names[^1] : null);
    }
}
