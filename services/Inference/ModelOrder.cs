using Mlops.Inference.Rollouts;

namespace Mlops.Inference;

/// <summary>What a replica is to serve under one name.</summary>
public sealed record ModelOrder
{
    /// <summary>Answers requests that ask for no version.</summary>
    public required ServedVersion Champion { get; init; }

    /// <summary>Those that may be asked for by their numbers as well.</summary>
    public IReadOnlyList<ServedVersion> Others { get; init; } = [];

    /// <summary>The version that is tried, if one is.</summary>
    public RolloutRule? Rollout { get; init; }

    /// <summary>The model's name.</summary>
    public string Model => Champion.Model;

    /// <summary>Every version once, the champion first.</summary>
    public IEnumerable<ServedVersion> Versions => new[] { Champion, Rollout?.Candidate }.OfType<ServedVersion>().Concat(Others).DistinctBy(version => version.Version);
}

/// <summary>How a version of an order fared.</summary>
/// <param name="Status">How it stands.</param>
/// <param name="IsNew">Whether it was loaded, or was tried to be, for this order.</param>
/// <param name="Failure">Why it could not be loaded; null when it serves.</param>
public sealed record LoadOutcome(ModelStatus Status, bool IsNew, Exception? Failure);
