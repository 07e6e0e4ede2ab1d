namespace Mlops.Contracts.Events;

/// <summary>A smaller variant of a model version exists, as a model version of its own.</summary>
public sealed record ModelCompressed
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that this is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The variant.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>What it was compressed from.</summary>
    public required Guid ParentModelVersionId { get; init; }

    /// <summary>The method's name in the spec, such as <c>int8-dynamic</c>.</summary>
    public required string Method { get; init; }

    /// <summary>SHA-256 of the variant's ONNX file, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }
}

/// <summary>All the variants that there will be of a model version exist; none is an answer too.</summary>
public sealed record CompressionCompleted
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that this is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The original.</summary>
    public required Guid ParentModelVersionId { get; init; }

    /// <summary>Its variants, in the spec's order.</summary>
    public required IReadOnlyList<Guid> VariantIds { get; init; }
}
