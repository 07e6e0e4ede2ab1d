namespace Mlops.Contracts.Rollouts;

/// <summary>
/// What a candidate must hold to, compared with the champion over the same time. A limit counts as broken when chance does not
/// explain what was seen, so that a few bad answers among many do not end a rollout, and many bad ones among few do.
/// </summary>
public sealed record RolloutObjectives
{
    /// <summary>How much larger the candidate's share of requests without an answer may be than the champion's: 0 to 1.</summary>
    public double MaxErrorRateIncrease { get; init; } = 0.01;

    /// <summary>The candidate's 99th percentile of latency to the champion's: 1 and above; null sets no limit.</summary>
    public double? MaxLatencyRatio { get; init; } = 1.5;

    /// <summary>
    /// The population stability index of each output, candidate against champion: above 0. Customary readings: below 0.1 alike, above
    /// 0.25 another distribution. Null sets no limit.
    /// </summary>
    public double? MaxDrift { get; init; } = 0.25;

    /// <summary>Of a shadow: the share of its answers that may differ from the champion's: 0 to 1; null sets no limit.</summary>
    public double? MaxDisagreement { get; init; }

    /// <summary>Requests that each side must have answered before latency and outputs are judged: 1 and above.</summary>
    public int MinRequests { get; init; } = 200;

    /// <summary>How far back is looked, in seconds: 10 to 86400.</summary>
    public int WindowSeconds { get; init; } = 300;

    /// <summary>What is wrong with them, by field.</summary>
    public IEnumerable<Problem> Problems(string field)
    {
        if (!(MaxErrorRateIncrease is >= 0 and <= 1))
            yield return new Problem($"{field}.maxErrorRateIncrease", $"{Text(MaxErrorRateIncrease)} is not accepted; 0 to 1 is");
        if (MaxLatencyRatio is { } ratio && !(ratio >= 1 && double.IsFinite(ratio)))
            yield return new Problem($"{field}.maxLatencyRatio", $"{Text(ratio)} is not accepted; 1 and above, or null, is");
        if (MaxDrift is { } drift && !(drift > 0 && double.IsFinite(drift)))
            yield return new Problem($"{field}.maxDrift", $"{Text(drift)} is not accepted; above 0, or null, is");
        if (MaxDisagreement is { } share && !(share is >= 0 and <= 1))
            yield return new Problem($"{field}.maxDisagreement", $"{Text(share)} is not accepted; 0 to 1, or null, is");
        if (MinRequests < 1)
            yield return new Problem($"{field}.minRequests", $"{MinRequests} is not accepted; 1 and above is");
        if (WindowSeconds is < 10 or > 86_400)
            yield return new Problem($"{field}.windowSeconds", $"{WindowSeconds} is not accepted; 10 to 86400 is");
    }

    private static string Text(double value) => FormattableString.Invariant($"{value}");
}
