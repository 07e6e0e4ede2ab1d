namespace Mlops.Contracts.Events;

/// <summary>A model version exists: trained, exported and compared with its exporter.</summary>
public sealed record TrainingCompleted
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that this is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The training run's record.</summary>
    public required Guid TrainingRunId { get; init; }

    /// <summary>The model version that came out.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The model's name.</summary>
    public required string ModelName { get; init; }

    /// <summary>1, 2, 3 … within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Largest absolute difference between the ONNX file's and the trainer's outputs on held-out rows.</summary>
    public required double Parity { get; init; }

    /// <summary>Headline metrics of the training, such as the last training and validation loss.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }
}
