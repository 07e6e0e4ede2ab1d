namespace Mlops.Contracts.Events;

/// <summary>A version of a data set is stored. With a pipeline run id, a run of its spec begins.</summary>
public sealed record DatasetRegistered
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that begins with this registration, if it came with a spec.</summary>
    public Guid? PipelineRunId { get; init; }

    /// <summary>The version that was registered.</summary>
    public required Guid DatasetVersionId { get; init; }

    /// <summary>The data set's name.</summary>
    public required string Name { get; init; }

    /// <summary>1, 2, 3 … within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the bytes, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Data rows, the header not counted.</summary>
    public required long Rows { get; init; }

    /// <summary>SHA-256 of the pipeline spec's canonical JSON, if there is one.</summary>
    public string? SpecDigest { get; init; }
}

/// <summary>A new run of a spec on a data set version that exists already.</summary>
public sealed record TrainingRequested
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that begins.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The version to train on.</summary>
    public required Guid DatasetVersionId { get; init; }

    /// <summary>SHA-256 of the pipeline spec's canonical JSON.</summary>
    public required string SpecDigest { get; init; }
}

/// <summary>A new run of a spec on a data set version, which begins with a model version that exists already instead of a training.</summary>
public sealed record EvaluationRequested
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that begins.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The version of the data set whose test rows it is evaluated on.</summary>
    public required Guid DatasetVersionId { get; init; }

    /// <summary>SHA-256 of the pipeline spec's canonical JSON.</summary>
    public required string SpecDigest { get; init; }

    /// <summary>The model version.</summary>
    public required Guid ModelVersionId { get; init; }
}
