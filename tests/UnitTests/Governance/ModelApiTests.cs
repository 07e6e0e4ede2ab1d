using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

[Collection(SharedGovernance.Name)]
public sealed class ModelApiTests(GovernanceHost host)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Models_TwoModels_ListsChampionAndNewest()
    {
        var list = await host.GetAsync("/models");

        list.ToString().ShouldBe(
            """{"models":[{"name":"iris","championVersion":2,"newestVersion":3,"createdAt":"2026-01-02T03:07:05+00:00"},"""
            + """{"name":"wine","newestVersion":1,"createdAt":"2026-01-02T05:07:05+00:00"}]}""");
    }

    [Fact]
    public async Task Models_PageByPage_MeetsEachModelOnce()
    {
        var first = await host.GetAsync("/models?limit=1");
        var second = await host.GetAsync($"/models?limit=1&after={first.GetProperty("next").GetString()}");

        Names(first).ShouldBe(["iris"]);
        Names(second).ShouldBe(["wine"]);
        second.TryGetProperty("next", out _).ShouldBeFalse();

        static IEnumerable<string?> Names(JsonElement list) => list.GetProperty("models").EnumerateArray().Select(model => model.GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("/models?limit=0", "limit: '0' is not accepted; a whole number from 1 to 500 is")]
    [InlineData("/models?limit=501", "limit: '501' is not accepted; a whole number from 1 to 500 is")]
    [InlineData("/models/iris?limit=ten", "limit: 'ten' is not accepted; a whole number from 1 to 500 is")]
    [InlineData("/models/iris?before=-1", "before: '-1' is not accepted; a whole number from 1 to 2147483647 is")]
    [InlineData("/models/iris/versions/latest", "version: 'latest' is not accepted; a whole number from 1 to 2147483647 is")]
    public async Task Models_ValueOutOfBounds_FaultNamesItAndWhatIsAccepted(string path, string detail) =>
        (await host.GetProblemAsync(path, HttpStatusCode.BadRequest)).ShouldBe(detail);

    [Theory]
    [InlineData("/models/nope", "name: there is no model 'nope'")]
    [InlineData("/models/nope/versions/1", "name: there is no model 'nope'")]
    [InlineData("/models/iris/versions/9", "version: iris has no version 9; its newest is 3")]
    [InlineData("/models/wine/versions/1/report", "version: wine version 1 has not been evaluated yet")]
    public async Task Models_Unknown_FaultSaysWhatThereIs(string path, string detail) =>
        (await host.GetProblemAsync(path, HttpStatusCode.NotFound)).ShouldBe(detail);

    [Fact]
    public async Task Model_WithVariants_ListsVersionsNewestFirst()
    {
        var model = await host.GetAsync("/models/iris");

        model.GetProperty("championVersion").GetInt32().ShouldBe(2);
        var versions = model.GetProperty("versions").EnumerateArray().ToList();
        versions.Select(version => version.GetProperty("version").GetInt32()).ShouldBe([3, 2, 1]);
        versions.Select(version => version.GetProperty("passed").GetBoolean()).ShouldBe([false, true, true]);
        versions.Select(version => version.GetProperty("medianMicroseconds").GetDouble()).ShouldBe([19.9, 9.2, 18.4]);
        versions[1].GetProperty("parentVersion").GetInt32().ShouldBe(1);
        versions[2].TryGetProperty("parentVersion", out _).ShouldBeFalse();
        versions[0].GetProperty("metrics").GetProperty("accuracy").GetDouble().ShouldBe(0.8261);
    }

    [Fact]
    public async Task Model_PageByPage_MeetsEachVersionOnce()
    {
        var first = await host.GetAsync("/models/iris?limit=2");
        var second = await host.GetAsync($"/models/iris?limit=2&before={first.GetProperty("next").GetInt32()}");

        Versions(first).ShouldBe([3, 2]);
        Versions(second).ShouldBe([1]);
        second.TryGetProperty("next", out _).ShouldBeFalse();

        static IEnumerable<int> Versions(JsonElement model) => model.GetProperty("versions").EnumerateArray().Select(version => version.GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task Version_Champion_TellsAll()
    {
        var version = await host.GetAsync("/models/iris/versions/2");

        version.GetProperty("digest").GetString().ShouldBe(SampleFacts.Int8Digest);
        version.GetProperty("bytes").GetInt64().ShouldBe(12_345);
        version.GetProperty("method").GetString().ShouldBe("int8-dynamic");
        version.GetProperty("parentVersion").GetInt32().ShouldBe(1);
        version.GetProperty("isChampion").GetBoolean().ShouldBeTrue();
        version.GetProperty("pipelineRunId").GetGuid().ShouldBe(SampleFacts.Served);
        version.GetProperty("dataset").GetProperty("digest").GetString().ShouldBe(SampleFacts.IrisDigest);
        version.GetProperty("signature").GetProperty("task").GetString().ShouldBe("classification");
        version.GetProperty("signature").GetProperty("inputs")[0].GetProperty("columns").EnumerateArray().Select(column => column.GetString())
            .ShouldBe(["sepal_length", "sepal_width", "petal_length", "petal_width"]);
        version.GetProperty("report").GetProperty("gates")[0].GetProperty("reason").GetString().ShouldBe("accuracy meets the gate's minimum 0.9");
        version.GetProperty("latency").GetProperty("p95Microseconds").GetDouble().ShouldBe(14.4);
        version.GetProperty("promotions")[0].GetProperty("decidedByRunId").GetGuid().ShouldBe(SampleFacts.Served);
        version.GetProperty("deployments")[0].GetProperty("replica").GetString().ShouldBe("replica-7");
    }

    [Fact]
    public async Task Content_Stored_IsTheFileWithItsDigestAsTag()
    {
        using var response = await host.Client.GetAsync("/models/iris/versions/2/content", Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/octet-stream");
        response.Content.Headers.ContentDisposition!.FileName.ShouldBe("iris-2.onnx");
        response.Headers.ETag!.Tag.ShouldBe($"\"{SampleFacts.Int8Digest}\"");
        (await response.Content.ReadAsByteArrayAsync(Token)).ShouldBe(SampleFacts.Int8Content);
    }

    [Fact]
    public async Task Content_KnownToTheCaller_IsNotSentAgain()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models/iris/versions/2/content");
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue($"\"{SampleFacts.Int8Digest}\""));
        using var response = await host.Client.SendAsync(request, Token);

        response.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Theory]
    [InlineData("application/octet-stream")]
    [InlineData("application/json")]
    public async Task Content_NotInTheStore_FaultWhateverTheCallerAccepts(string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/models/iris/versions/3/content");
        request.Headers.Accept.ParseAdd(accept);

        (await GovernanceHost.ProblemOf(await host.Client.SendAsync(request, Token), HttpStatusCode.NotFound)).ShouldContain(SampleFacts.MissingDigest);
    }

    [Fact]
    public async Task Report_Evaluated_IsTheStoredFile()
    {
        var report = await host.GetAsync("/models/iris/versions/1/report");

        report.GetProperty("testRows").GetInt32().ShouldBe(23);
        report.GetProperty("confusionMatrix")[2].EnumerateArray().Select(rows => rows.GetInt32()).ShouldBe([0, 1, 6]);
    }
}
