using System.ComponentModel.DataAnnotations;

namespace Mlops.Inference;

/// <summary>Which versions of a model may be asked for by their numbers, besides its champion.</summary>
public enum VersionPolicy
{
    /// <summary>Those that were champions last.</summary>
    Latest,

    /// <summary>All that ever were champions.</summary>
    All,

    /// <summary>Those that are named, if ever they were champions.</summary>
    Specific,
}

/// <summary>
/// Which versions of a model are served. Whatever it says, the champion is; and none is that was never promoted, because
/// nobody has allowed it.
/// </summary>
public sealed class VersionOptions : IValidatableObject
{
    /// <summary>Which ones.</summary>
    [EnumDataType(typeof(VersionPolicy))]
    public VersionPolicy Policy { get; set; } = VersionPolicy.Latest;

    /// <summary>With <see cref="VersionPolicy.Latest"/>: how many, the champion counted.</summary>
    [Range(1, 1000)]
    public int Count { get; set; } = 1;

    /// <summary>With <see cref="VersionPolicy.Specific"/>: their numbers.</summary>
    public int[] Numbers { get; set; } = [];

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Policy == VersionPolicy.Specific ? Numbers.Length == 0 || Numbers.Any(number => number < 1) : Numbers.Length > 0)
            yield return new ValidationResult($"The field {nameof(Numbers)} must hold numbers from 1 with the policy {nameof(VersionPolicy.Specific)}, and none with another.", [nameof(Numbers)]);
    }
}

/// <summary>Decides which versions are served.</summary>
public static class VersionChoice
{
    /// <summary>The versions that may be asked for by their numbers.</summary>
    /// <param name="champions">Who was champion, the latest first; one may stand there more than once.</param>
    /// <param name="options">The policy.</param>
    public static IReadOnlyList<ServedVersion> Of(IEnumerable<ServedVersion> champions, VersionOptions options)
    {
        var known = champions.DistinctBy(version => version.Version);
        return [.. options.Policy switch
        {
            VersionPolicy.Latest => known.Take(options.Count),
            VersionPolicy.Specific => known.Where(version => options.Numbers.Contains(version.Version)),
            _ => known,
        }];
    }
}
