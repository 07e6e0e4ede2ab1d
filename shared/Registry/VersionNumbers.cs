using Microsoft.EntityFrameworkCore;

namespace Mlops.Registry;

/// <summary>Gives out the numbers 1, 2, 3 … within a name, without gaps or doubles.</summary>
public static class VersionNumbers
{
    /// <summary>The next version of a data set; nobody else gets one of that name until this transaction ends.</summary>
    public static async Task<int> NextDatasetVersionAsync(RegistryDbContext db, string name, CancellationToken cancellationToken)
    {
        await db.LockAsync($"dataset-version:{name}", cancellationToken);
        return 1 + (await db.DatasetVersions.Where(version => version.Name == name).MaxAsync(version => (int?)version.Version, cancellationToken) ?? 0);
    }

    /// <summary>The next version of a model; nobody else gets one of that name until this transaction ends.</summary>
    public static async Task<int> NextModelVersionAsync(RegistryDbContext db, string name, CancellationToken cancellationToken)
    {
        await db.LockAsync($"model-version:{name}", cancellationToken);
        return 1 + (await db.ModelVersions.Where(version => version.Name == name).MaxAsync(version => (int?)version.Version, cancellationToken) ?? 0);
    }

    /// <summary>The next promotion of an alias; nobody else gets one of that model until this transaction ends.</summary>
    public static async Task<int> NextPromotionAsync(RegistryDbContext db, string modelName, string alias, CancellationToken cancellationToken)
    {
        await db.LockAsync($"promotion:{modelName}", cancellationToken);
        return 1 + (await db.Promotions.Where(promotion => promotion.ModelName == modelName && promotion.Alias == alias)
            .MaxAsync(promotion => (int?)promotion.Sequence, cancellationToken) ?? 0);
    }
}
