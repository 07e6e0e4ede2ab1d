using System.Globalization;
using Mlops.Contracts.Rollouts;
using Mlops.Monitoring;

namespace Mlops.Governance.Rollouts;

/// <summary>What was seen of both sides of a rollout, all replicas together.</summary>
/// <param name="Champion">What the champion did.</param>
/// <param name="Candidate">What the candidate did.</param>
/// <param name="Compared">Answers of both to the same request that were compared.</param>
/// <param name="Differing">Those of them that differed.</param>
internal sealed record RolloutSight(ObservedAnswers Champion, ObservedAnswers Candidate, long Compared, long Differing);

/// <summary>How the candidate stands with one objective.</summary>
/// <param name="Objective">Such as <c>latency-ratio</c>, or <c>drift of label</c>.</param>
/// <param name="Measured">What was measured; absent where there was too little to measure.</param>
/// <param name="Limit">What the objective sets.</param>
/// <param name="Broken">Whether the limit is exceeded by more than chance explains.</param>
/// <param name="Reason">The same in words.</param>
public sealed record RolloutFinding(string Objective, double? Measured, double Limit, bool Broken, string Reason);

/// <summary>Judges a candidate by its objectives.</summary>
internal static class RolloutVerdict
{
    private const double Slowest = 0.01;

    /// <summary>A finding for each objective that is set; a limit is broken only where chance does not explain what was seen.</summary>
    public static IReadOnlyList<RolloutFinding> Judge(RolloutObjectives objectives, RolloutSight sight)
    {
        var findings = new List<RolloutFinding> { Errors(objectives, sight) };
        var (champion, candidate) = (sight.Champion, sight.Candidate);
        if (objectives.MaxLatencyRatio is { } ratio)
            findings.Add(Answered(champion, objectives) && Answered(candidate, objectives) ? Latency(ratio, sight) : TooFew("latency-ratio", ratio, objectives, sight));
        if (objectives.MaxDrift is { } drift)
            findings.AddRange(Answered(champion, objectives) && Answered(candidate, objectives) ? Drift(drift, sight) : [TooFew("drift", drift, objectives, sight)]);
        if (objectives.MaxDisagreement is { } share)
            findings.Add(Disagreement(share, sight));
        return findings;
    }

    private static RolloutFinding Errors(RolloutObjectives objectives, RolloutSight sight)
    {
        var (candidate, limit) = (sight.Candidate, objectives.MaxErrorRateIncrease);
        var champions = Share(sight.Champion.Errors, sight.Champion.Requests);
        var increase = Share(candidate.Errors, candidate.Requests) - champions;
        var broken = Chance.LowerShare(candidate.Errors, candidate.Requests) > champions + limit;
        return new RolloutFinding("error-rate-increase", candidate.Requests > 0 ? increase : null, limit, broken,
            Text($"{candidate.Errors} of {candidate.Requests} requests failed, {sight.Champion.Errors} of {sight.Champion.Requests} of the champion's; {limit:0.###} more are accepted"));
    }

    private static RolloutFinding Latency(double limit, RolloutSight sight)
    {
        // Broken if more than one in a hundred took longer than the 99th percentile may be.
        var (champions, own) = (SketchBins.Quantile(sight.Champion.Latency, 1 - Slowest)!.Value, SketchBins.Quantile(sight.Candidate.Latency, 1 - Slowest)!.Value);
        var (slow, all) = (SketchBins.CountAbove(sight.Candidate.Latency, champions * limit), sight.Candidate.Latency.Values.Sum());
        return new RolloutFinding("latency-ratio", own / champions, limit, Chance.LowerShare(slow, all) > Slowest,
            Text($"p99 {own / 1000:0.###} ms, the champion's {champions / 1000:0.###} ms; up to {limit:0.###} times it is accepted"));
    }

    private static IEnumerable<RolloutFinding> Drift(double limit, RolloutSight sight)
    {
        foreach (var (output, expected) in sight.Champion.Outputs.OrderBy(output => output.Key, StringComparer.Ordinal))
        {
            if (!sight.Candidate.Outputs.TryGetValue(output, out var actual))
            {
                yield return new RolloutFinding($"drift of {output}", null, limit, Broken: true, $"the candidate gave no {output}");
                continue;
            }

            var index = expected.Categories.Count > 0 || actual.Categories.Count > 0
                ? PopulationStability.Of(expected.Categories, actual.Categories)
                : PopulationStability.OfNumbers(expected.Numbers, actual.Numbers);
            yield return new RolloutFinding($"drift of {output}", index.Value, limit, index.Value > Math.Max(limit, index.Noise),
                Text($"population stability index {index.Value:0.###} over {index.Groups} groups of {index.Actual} values; up to {limit:0.###} is accepted, and {index.Noise:0.###} is chance"));
        }
    }

    private static RolloutFinding Disagreement(double limit, RolloutSight sight) => new(
        "disagreement", sight.Compared > 0 ? Share(sight.Differing, sight.Compared) : null, limit, Chance.LowerShare(sight.Differing, sight.Compared) > limit,
        Text($"{sight.Differing} of {sight.Compared} answers differ from the champion's; a share of {limit:0.###} is accepted"));

    private static RolloutFinding TooFew(string objective, double limit, RolloutObjectives objectives, RolloutSight sight) => new(
        objective, null, limit, Broken: false,
        Text($"{AnsweredBy(sight.Candidate)} requests are answered, {AnsweredBy(sight.Champion)} by the champion; it is judged from {objectives.MinRequests} of each on"));

    private static bool Answered(ObservedAnswers side, RolloutObjectives objectives) => AnsweredBy(side) >= objectives.MinRequests;

    private static long AnsweredBy(ObservedAnswers side) => side.Requests - side.Errors;

    private static double Share(long count, long of) => of == 0 ? 0 : (double)count / of;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
