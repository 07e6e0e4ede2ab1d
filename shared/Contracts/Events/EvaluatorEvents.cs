using System.Text.Json.Serialization;

namespace Mlops.Contracts.Events;

/// <summary>A model version was measured on the held-out test rows.</summary>
public sealed record ModelEvaluated
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that this is a part of.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The model version that was measured.</summary>
    public required Guid ModelVersionId { get; init; }

    /// <summary>The version that it was compressed from; null for an original.</summary>
    public Guid? ParentModelVersionId { get; init; }

    /// <summary>The report's record.</summary>
    public required Guid ReportId { get; init; }

    /// <summary>SHA-256 of the report, 64 hexadecimal digits.</summary>
    public required string ReportDigest { get; init; }

    /// <summary>Whether every gate was met.</summary>
    public required bool Passed { get; init; }

    /// <summary>Each gate's verdict with its reason; empty when the spec has none.</summary>
    public required IReadOnlyList<GateVerdict> Gates { get; init; }
}

/// <summary>What one gate said.</summary>
public sealed record GateVerdict
{
    /// <summary>The metric that the gate looks at.</summary>
    public required string Metric { get; init; }

    /// <summary>The measured value. One that is not finite stands in JSON as the text NaN, Infinity or -Infinity.</summary>
    [JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)]
    public required double Value { get; init; }

    /// <summary>Whether the gate is met.</summary>
    public required bool Passed { get; init; }

    /// <summary>In words: what was measured and what is asked.</summary>
    public required string Reason { get; init; }
}
