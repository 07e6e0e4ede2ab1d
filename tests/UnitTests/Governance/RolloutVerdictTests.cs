using Mlops.Contracts.Rollouts;
using Mlops.Governance.Rollouts;
using Mlops.Monitoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

public sealed class RolloutVerdictTests
{
    private static readonly RolloutObjectives Defaults = new();

    [Fact]
    public void Judge_ACandidateLikeTheChampion_BreaksNothing()
    {
        var findings = RolloutVerdict.Judge(Defaults, new RolloutSight(Side(5_000), Side(500), 0, 0));

        findings.Select(finding => finding.Objective).ShouldBe(["error-rate-increase", "latency-ratio", "drift of label", "drift of value"]);
        findings.ShouldAllBe(finding => !finding.Broken && finding.Measured < finding.Limit);
        findings[0].Reason.ShouldBe("0 of 500 requests failed, 0 of 5000 of the champion's; 0.01 more are accepted");
    }

    [Theory]
    // Six in a row are no chance, however few they are.
    [InlineData(6, 6, true)]
    [InlineData(1, 6, false)]
    [InlineData(3, 200, false)]
    [InlineData(12, 200, true)]
    [InlineData(100, 10_000, false)]
    [InlineData(140, 10_000, true)]
    public void Judge_Errors_AreBrokenOnlyBeyondChance(long errors, long requests, bool broken) =>
        Finding("error-rate-increase", Side(1_000), Side(requests, errors)).Broken.ShouldBe(broken);

    [Fact]
    public void Judge_ErrorsThatTheChampionHasAsWell_AreTheCallersOwn() =>
        Finding("error-rate-increase", Side(1_000, 300), Side(1_000, 310)).Broken.ShouldBeFalse();

    [Theory]
    [InlineData(1.0, false)]
    [InlineData(1.3, false)]
    [InlineData(1.8, true)]
    public void Judge_Latency_IsComparedAtThe99thPercentile(double slower, bool broken)
    {
        var finding = Finding("latency-ratio", Side(2_000), Side(2_000, slower: slower));

        finding.Broken.ShouldBe(broken);
        finding.Measured!.Value.ShouldBe(slower, slower * 3 * SketchBins.RelativeAccuracy);
    }

    [Fact]
    public void Judge_OutputsOfAnotherDistribution_AreDrift()
    {
        Finding("drift of value", Side(2_000), Side(2_000, shift: 3)).Broken.ShouldBeTrue();
        Finding("drift of value", Side(2_000), Side(2_000)).Broken.ShouldBeFalse();
        var labels = Finding("drift of label", Side(2_000), Side(2_000, yes: 0.95));
        labels.Broken.ShouldBeTrue();
        labels.Reason.ShouldContain("over 2 groups of 2000 values; up to 0.25 is accepted");
        Finding("drift of label", Side(2_000), Side(2_000) with { Outputs = new Dictionary<string, ObservedOutput>() }).Reason.ShouldBe("the candidate gave no label");
    }

    [Fact]
    public void Judge_TooFewRequests_LeavesLatencyAndDriftOpen()
    {
        var findings = RolloutVerdict.Judge(Defaults, new RolloutSight(Side(5_000), Side(199, slower: 9, shift: 9), 0, 0));

        findings.ShouldAllBe(finding => !finding.Broken);
        findings.Single(finding => finding.Objective == "drift").Reason.ShouldBe("199 requests are answered, 5000 by the champion; it is judged from 200 of each on");
    }

    [Theory]
    [InlineData(100, 20, true)]
    [InlineData(100, 6, false)]
    [InlineData(0, 0, false)]
    public void Judge_Disagreement_IsAShareOfWhatWasCompared(long compared, long differing, bool broken)
    {
        var objectives = Defaults with { MaxDisagreement = 0.05 };
        RolloutVerdict.Judge(objectives, new RolloutSight(Side(10), Side(10), compared, differing)).Single(finding => finding.Objective == "disagreement").Broken.ShouldBe(broken);
    }

    [Fact]
    public void Judge_ObjectivesThatSetNoLimit_AreNotJudged() =>
        RolloutVerdict.Judge(new RolloutObjectives { MaxLatencyRatio = null, MaxDrift = null }, new RolloutSight(Side(999), Side(999, slower: 9, shift: 9), 0, 0))
            .ShouldHaveSingleItem().Objective.ShouldBe("error-rate-increase");

    private static RolloutFinding Finding(string objective, ObservedAnswers champion, ObservedAnswers candidate) =>
        RolloutVerdict.Judge(Defaults, new RolloutSight(champion, candidate, 0, 0)).Single(finding => finding.Objective == objective);

    /// <summary>Latencies between 1 and 2 ms, values between 10 and 20, and so large a share of "yes".</summary>
    private static ObservedAnswers Side(long requests, long errors = 0, double slower = 1, double shift = 0, double yes = 0.5)
    {
        var answered = requests - errors;
        double[] spread = [.. Enumerable.Range(0, (int)answered).Select(index => (index + 0.5) / answered)];
        return new ObservedAnswers
        {
            Requests = requests,
            Errors = errors,
            Latency = Counts(spread.Select(share => SketchBins.Of(slower * 1_000 * (1 + share)))),
            Outputs = new Dictionary<string, ObservedOutput>
            {
                ["value"] = new(Counts(spread.Select(share => SketchBins.Of(10 + shift + (10 * share)))), new Dictionary<string, long>()),
                ["label"] = new(new Dictionary<int, long>(), Counts(spread.Select(share => share < yes ? "yes" : "no"))),
            },
        };
    }

    private static Dictionary<TKey, long> Counts<TKey>(IEnumerable<TKey> keys)
        where TKey : notnull
        => keys.GroupBy(key => key).ToDictionary(group => group.Key, group => (long)group.Count());
}
