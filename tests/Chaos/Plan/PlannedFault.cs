namespace Mlops.Chaos.Plan;

/// <summary>A replica of a service.</summary>
/// <param name="Service">The project's name.</param>
/// <param name="Number">From 1.</param>
public sealed record ReplicaName(string Service, int Number)
{
    public override string ToString() => $"{Service} {Number}";
}

/// <summary>A fault that is to come.</summary>
/// <param name="At">After the run's begin.</param>
/// <param name="Kind">What.</param>
/// <param name="Replica">To which replica; null where it is not about one.</param>
/// <param name="Lasts">How long it stays so. What must then be started needs time of its own.</param>
/// <param name="Seed">For what else the fault leaves to chance.</param>
public sealed record PlannedFault(TimeSpan At, FaultKind Kind, ReplicaName? Replica, TimeSpan Lasts, int Seed)
{
    /// <summary>What it is done to; faults of one target do not overlap.</summary>
    public string Target => Replica?.ToString() ?? Kind switch
    {
        FaultKind.KillDatabase => "PostgreSQL",
        FaultKind.FillDisk => "artifact folder",
        _ => "RabbitMQ",
    };
}
