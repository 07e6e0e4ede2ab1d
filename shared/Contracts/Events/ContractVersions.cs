namespace Mlops.Contracts.Events;

/// <summary>
/// Events change by addition only: a consumer ignores fields that it does not know. Where that is not enough, because a
/// field is to be read in another way, the event gets a higher version, and consumers that do not know it refuse it.
/// </summary>
public static class ContractVersions
{
    /// <summary>The version that this build publishes, and the highest that it reads. An event without one has version 1.</summary>
    public const int Current = 1;
}
