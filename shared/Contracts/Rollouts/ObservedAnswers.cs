namespace Mlops.Contracts.Rollouts;

/// <summary>What one side of a rollout did over some time: counts that can be added up over replicas and times.</summary>
public sealed record ObservedAnswers
{
    /// <summary>Requests that it was given.</summary>
    public required long Requests { get; init; }

    /// <summary>Those that it did not answer.</summary>
    public required long Errors { get; init; }

    /// <summary>Answered requests by latency in microseconds, in bins of a quantile sketch.</summary>
    public required IReadOnlyDictionary<int, long> Latency { get; init; }

    /// <summary>What it answered, by output; an output of several columns is <c>name[0]</c>, <c>name[1]</c> …</summary>
    public required IReadOnlyDictionary<string, ObservedOutput> Outputs { get; init; }
}

/// <summary>The values of one output. One of the two is empty.</summary>
/// <param name="Numbers">Of floating point, in bins of a quantile sketch.</param>
/// <param name="Categories">Of texts, whole numbers and truth values, as text.</param>
public sealed record ObservedOutput(IReadOnlyDictionary<int, long> Numbers, IReadOnlyDictionary<string, long> Categories);
