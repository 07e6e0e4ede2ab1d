using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

[Collection(SharedGovernance.Name)]
public sealed class LineageApiTests(GovernanceHost host)
{
    [Fact]
    public async Task Lineage_UpFromAVariant_LeadsToTheData()
    {
        var lineage = await host.GetAsync($"/lineage/model-version/{SampleFacts.Int8}");

        lineage.GetProperty("direction").GetString().ShouldBe("up");
        Kinds(lineage).ShouldBe(["dataset-version", "pipeline-run", "training-run", "model-version", "model-version"]);
        lineage.GetProperty("nodes")[0].GetProperty("digest").GetString().ShouldBe(SampleFacts.IrisDigest);
        lineage.GetProperty("edges").EnumerateArray().Select(edge => edge.GetProperty("relation").GetString()).Order()
            .ShouldBe(["compressed-from", "part-of", "produced-by", "runs-on", "trained-on"]);
    }

    [Fact]
    public async Task Lineage_ByThePredictionsDigest_LeadsToTheData()
    {
        var lineage = await host.GetAsync($"/lineage/by-digest/{SampleFacts.Int8Digest}?direction=up");

        lineage.GetProperty("subjects")[0].GetProperty("id").GetGuid().ShouldBe(SampleFacts.Int8);
        lineage.GetProperty("nodes")[0].GetProperty("id").GetGuid().ShouldBe(SampleFacts.Iris);
    }

    [Fact]
    public async Task Lineage_DownFromTheData_LeadsToDeployments() =>
        Kinds(await host.GetAsync($"/lineage/by-digest/{SampleFacts.IrisDigest}?direction=down"))
            .Distinct().ShouldBe(["dataset-version", "pipeline-run", "training-run", "model-version", "evaluation-report", "promotion", "deployment"]);

    [Fact]
    public async Task Lineage_DigestOfTwoReports_BeginsAtBoth()
    {
        var digest = (await host.GetAsync("/models/iris/versions/1")).GetProperty("report").GetProperty("digest").GetString();
        var lineage = await host.GetAsync($"/lineage/by-digest/{digest}");

        lineage.GetProperty("subjects").EnumerateArray().Select(subject => subject.GetProperty("id").GetGuid()).ShouldBe([SampleFacts.Id(32), SampleFacts.Id(31)]);
        Kinds(lineage).Count(kind => kind == "dataset-version").ShouldBe(1);
    }

    [Fact]
    public async Task Lineage_DigestOfASpec_BeginsAtItsRunsNewestFirst() =>
        (await host.GetAsync($"/lineage/by-digest/{new string('a', 64)}")).GetProperty("subjects").EnumerateArray().Select(subject => subject.GetProperty("id").GetGuid())
            .ShouldBe([SampleFacts.RunningRun, SampleFacts.FailedRun, SampleFacts.Served]);

    [Theory]
    [InlineData("/lineage/model/01990000-0000-7000-8000-000000000000", HttpStatusCode.BadRequest,
        "kind: 'model' is not accepted; one of dataset-version, pipeline-run, training-run, model-version, evaluation-report, promotion, deployment, external-run, rollout, fold, reproduction, trial is")]
    [InlineData("/lineage/model-version/1", HttpStatusCode.BadRequest, "id: '1' is not an id; a UUID such as 01990000-0000-7000-8000-000000000000 is accepted")]
    [InlineData("/lineage/model-version/01990000-0000-7000-8000-000000000000?direction=sideways", HttpStatusCode.BadRequest,
        "direction: 'sideways' is not accepted; one of up, down is")]
    [InlineData("/lineage/model-version/01990000-0000-7000-8000-000000000000", HttpStatusCode.NotFound, "id: there is no model-version 01990000-0000-7000-8000-000000000000")]
    [InlineData("/lineage/by-digest/abc", HttpStatusCode.BadRequest, "digest: 'abc' is not a SHA-256; 64 lower-case hexadecimal digits are accepted")]
    [InlineData("/lineage/by-digest/0000000000000000000000000000000000000000000000000000000000000000", HttpStatusCode.NotFound,
        "sha256: no data set version, model version, report or spec has the digest 0000000000000000000000000000000000000000000000000000000000000000")]
    public async Task Lineage_BadOrUnknown_FaultNamesIt(string path, HttpStatusCode status, string detail) =>
        (await host.GetProblemAsync(path, status)).ShouldBe(detail);

    private static IEnumerable<string?> Kinds(JsonElement lineage) =>
        lineage.GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("kind").GetString());
}
