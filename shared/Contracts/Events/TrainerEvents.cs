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

    /// <summary>
    /// Headline metrics of the training, such as the last training and validation loss; after a cross-validation also the mean and
    /// standard deviation over its folds, as <c>cross-validation/accuracy/mean</c> and <c>cross-validation/accuracy/standard-deviation</c>.
    /// </summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>What a person should know about the data or the training, in words; mostly empty.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>A fold of a cross-validation is trained, and its held-out rows are predicted.</summary>
public sealed record FoldCompleted
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that this is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The fold's record.</summary>
    public required Guid FoldId { get; init; }

    /// <summary>Which repeat, from 1.</summary>
    public required int Repeat { get; init; }

    /// <summary>Which fold of the repeat, from 1.</summary>
    public required int Fold { get; init; }

    /// <summary>Metrics of the held-out rows, by the names of <see cref="MetricNames"/>.</summary>
    public required IReadOnlyDictionary<string, double> Metrics { get; init; }

    /// <summary>SHA-256 of the artifact with what was predicted for the held-out rows, 64 hexadecimal digits.</summary>
    public required string PredictionsDigest { get; init; }
}

/// <summary>A trial of a search has ended: trained to its end, stopped early, or failed.</summary>
public sealed record TrialCompleted
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that this is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The trial's record.</summary>
    public required Guid TrialId { get; init; }

    /// <summary>Which trial, from 1.</summary>
    public required int Number { get; init; }

    /// <summary>How it ended.</summary>
    public required TrialState State { get; init; }

    /// <summary>The search's metric on the validation rows; null where the trial failed.</summary>
    public double? Objective { get; init; }
}
