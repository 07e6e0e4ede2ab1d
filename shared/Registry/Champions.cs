using Mlops.Registry.Facts;

namespace Mlops.Registry;

/// <summary>What holds now, out of all promotions that ever were.</summary>
public static class Champions
{
    /// <summary>The newest promotion of the champion alias of every model.</summary>
    public static IQueryable<Promotion> Of(RegistryDbContext db) => db.Promotions.Where(promotion =>
        promotion.Alias == Promotion.Champion
        && !db.Promotions.Any(later => later.ModelName == promotion.ModelName && later.Alias == promotion.Alias && later.Sequence > promotion.Sequence));
}
