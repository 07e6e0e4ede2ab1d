using Mlops.Contracts.Rollouts;

namespace Mlops.Contracts.Events;

/// <summary>A model version is to be served under an alias of its name.</summary>
public sealed record ModelPromoted
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that led to it, if one did.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>The alias that moves, such as <c>champion</c>.</summary>
    public required string Alias { get; init; }

    /// <summary>The version that the alias points to now.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>Its number within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of its ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Share of requests that it is to answer, 0 to 1.</summary>
    public required double Weight { get; init; }
}

/// <summary>A rollout took a step: it began, its share changed, or it ended.</summary>
public sealed record RolloutChanged
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

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>The candidate.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>Its number within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of its ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>How the candidate is tried.</summary>
    public required RolloutMode Mode { get; init; }

    /// <summary>What became of the rollout.</summary>
    public required RolloutStepKind Step { get; init; }

    /// <summary>Share of the requests that the candidate is given from now on, 0 to 1.</summary>
    public required double Weight { get; init; }

    /// <summary>Who decided.</summary>
    public required string Actor { get; init; }

    /// <summary>Why.</summary>
    public required string Reason { get; init; }
}

/// <summary>A candidate broke an objective of its rollout: the champion answers alone again.</summary>
public sealed record ModelRolledBack
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

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>The candidate.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>Its number within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of its ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>The version that answers again.</summary>
    public required Guid ChampionVersionId { get; init; }

    /// <summary>Which objectives were broken, and by how much.</summary>
    public required string Reason { get; init; }
}

/// <summary>A training that was done outside the platform is recorded.</summary>
public sealed record ExternalRunRecorded
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Always null: no run of the platform did it.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The recorded run.</summary>
    public required Guid ExternalRunId { get; init; }

    /// <summary>Name of the model that it makes.</summary>
    public required string Name { get; init; }

    /// <summary>What trained, such as <c>scikit-learn 1.2.1</c>.</summary>
    public required string Source { get; init; }

    /// <summary>SHA-256 of the data set that it was trained on, 64 hexadecimal digits.</summary>
    public required string DatasetDigest { get; init; }

    /// <summary>The registered data set version of that digest, if there is one.</summary>
    public Guid? DatasetVersionId { get; init; }
}

/// <summary>A person asks for a training to be done again, to prove that it gives the model that was stored.</summary>
public sealed record ReproductionRequested
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that trained.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The request's record.</summary>
    public required Guid ReproductionId { get; init; }

    /// <summary>The training.</summary>
    public required Guid TrainingRunId { get; init; }

    /// <summary>The model version that came of it.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>SHA-256 of its ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>The variant compressed from that version which is asked for, so that its compression is done again too; null where the original is.</summary>
    public Guid? VariantId { get; init; }
}

/// <summary>A model that was made outside the platform is registered as a version.</summary>
public sealed record ModelRegistered
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Always null: no run of the platform made it.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The recorded run that made it.</summary>
    public required Guid ExternalRunId { get; init; }

    /// <summary>The model version.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>1, 2, 3 … within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }
}
