namespace Mlops.Registry;

/// <summary>Gives out the numbers 1, 2, 3 … within a name, without gaps or doubles.</summary>
public static class VersionNumbers
{
    /// <summary>The next version of a data set; nobody else gets one of that name until this transaction ends.</summary>
    public static Task<int> NextDatasetVersionAsync(RegistryDbContext db, string name, CancellationToken cancellationToken) =>
        db.NumberAsync($"dataset-version:{name}", $"SELECT COALESCE(MAX(version), 0) + 1 FROM dataset_versions WHERE name = {name}", cancellationToken);

    /// <summary>The next version of a model; nobody else gets one of that name until this transaction ends.</summary>
    public static Task<int> NextModelVersionAsync(RegistryDbContext db, string name, CancellationToken cancellationToken) =>
        db.NumberAsync($"model-version:{name}", $"SELECT COALESCE(MAX(version), 0) + 1 FROM model_versions WHERE name = {name}", cancellationToken);

    /// <summary>The next promotion of an alias; nobody else gets one of that model until this transaction ends.</summary>
    public static Task<int> NextPromotionAsync(RegistryDbContext db, string modelName, string alias, CancellationToken cancellationToken) =>
        db.NumberAsync(PromotionLock(modelName), $"SELECT COALESCE(MAX(sequence), 0) + 1 FROM promotions WHERE model_name = {modelName} AND alias = {alias}", cancellationToken);

    /// <summary>The name of the lock of whoever decides what is served under a name.</summary>
    internal static string PromotionLock(string modelName) => $"promotion:{modelName}";
}
