using Mlops.Chaos.Checks;
using Mlops.Chaos.Faults;

namespace Mlops.Chaos;

/// <summary>What a run was and how it ended.</summary>
internal sealed record ChaosResult
{
    public required IReadOnlyList<FaultRecovery> Faults { get; init; }

    /// <summary>How many runs ended how; the key is what the registry calls it.</summary>
    public required IReadOnlyDictionary<string, int> Outcomes { get; init; }

    /// <summary>Runs in the registry.</summary>
    public required int Pipelines { get; init; }

    /// <summary>Calls that got no answer or a failure, and were made again.</summary>
    public required int Unanswered { get; init; }

    /// <summary>Processes that ended without our doing, and were started again.</summary>
    public required int Revived { get; init; }

    public required IReadOnlyList<Violation> Violations { get; init; }

    public bool IsGreen => Violations.Count == 0;

    /// <summary>Of <see cref="RecoveryTimes.First"/>.</summary>
    public TimeSpan RecoveryAt(double share) => RecoveryTimes.Percentile(Faults.Select(fault => fault.Recovery.First).OfType<TimeSpan>(), share);

    public int Count(Breach breach) => Violations.Count(violation => violation.Breach == breach);
}

internal sealed record FaultRecovery(InjectedFault Fault, RecoveryTimes Recovery);
