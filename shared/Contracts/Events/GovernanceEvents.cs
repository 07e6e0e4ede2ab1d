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
