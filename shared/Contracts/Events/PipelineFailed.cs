namespace Mlops.Contracts.Events;

/// <summary>A pipeline run ends without a served model. Published by the service at whose stage it ended.</summary>
public sealed record PipelineFailed
{
    /// <summary>Unique per event; the same on every redelivery.</summary>
    public required Guid EventId { get; init; }

    /// <summary>Which reading of the fields is meant; see <see cref="ContractVersions"/>.</summary>
    public int ContractVersion { get; init; } = ContractVersions.Current;

    /// <summary>UTC.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>The run that ends.</summary>
    public required Guid PipelineRunId { get; init; }

    /// <summary>The stage at which it ended, such as <c>train-model</c>.</summary>
    public required string Stage { get; init; }

    /// <summary>The work that was given up, where that is why; once somebody has it tried again, the event is out of date.</summary>
    public Guid? WorkItemId { get; init; }

    /// <summary>The message that no consumer could handle, where that is why; once it is sent again, the event is out of date.</summary>
    public Guid? DeadLetterId { get; init; }

    /// <summary>A <see cref="FaultKind"/>, <c>GateNotMet</c>, <c>AttemptsExhausted</c>, or <c>NotHandled</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>In words, for the person who has to mend it.</summary>
    public required string Reason { get; init; }
}
