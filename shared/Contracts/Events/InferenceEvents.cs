namespace Mlops.Contracts.Events;

/// <summary>A replica of the inference service began, failed or stopped to serve a model version.</summary>
public sealed record ModelDeployed
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that the model version came from.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The replica's name.</summary>
    public required string Replica { get; init; }

    /// <summary>The model version.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>Its number within the name.</summary>
    public required int Version { get; init; }

    /// <summary>Whether it serves now.</summary>
    public required bool Ready { get; init; }

    /// <summary>From the order to load until ready, in milliseconds.</summary>
    public required double LoadMilliseconds { get; init; }

    /// <summary>Why it could not be loaded; null when it serves.</summary>
    public string? Reason { get; init; }
}

/// <summary>A replica has seen a rollout for a while; what it saw stands in the registry.</summary>
public sealed record RolloutObserved
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that made the candidate, if one did.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The rollout.</summary>
    public required Guid RolloutId { get; init; }

    /// <summary>What was seen.</summary>
    public required Guid ObservationId { get; init; }

    /// <summary>The replica's name.</summary>
    public required string Replica { get; init; }
}
