using System.Net;
using System.Text.Json;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

[Collection(SharedGovernance.Name)]
public sealed class RunApiTests(GovernanceHost host)
{
    [Fact]
    public async Task Runs_All_AreListedNewestFirst()
    {
        var runs = (await host.GetAsync("/runs")).GetProperty("runs").EnumerateArray().ToList();

        runs.Select(Id).ShouldBe([SampleFacts.RunningRun, SampleFacts.FailedRun, SampleFacts.Served]);
        runs.Select(run => run.GetProperty("state").GetString()).ShouldBe(["running", "failed", "served"]);
        runs.Select(run => run.GetProperty("stage").GetString()).ShouldBe(["train-model", "evaluate-model", "deploy-model"]);
        runs[1].GetProperty("reason").GetString().ShouldStartWith("accuracy 0.8 is below");
        runs[0].TryGetProperty("endedAt", out _).ShouldBeFalse();
        runs[0].GetProperty("datasetName").GetString().ShouldBe("wine");
    }

    [Theory]
    [InlineData("state=running", 120)]
    [InlineData("state=served", 1)]
    [InlineData("state=failed", 60)]
    [InlineData("name=wine", 120)]
    [InlineData("name=iris&state=failed", 60)]
    public async Task Runs_Filtered_ListsOnlyThose(string query, int minute) =>
        (await host.GetAsync($"/runs?{query}")).GetProperty("runs").EnumerateArray().Select(Id).ShouldBe([SampleFacts.Id(minute)]);

    [Fact]
    public async Task Runs_PageByPage_MeetsEachRunOnce()
    {
        var first = await host.GetAsync("/runs?limit=2");
        var second = await host.GetAsync($"/runs?limit=2&before={first.GetProperty("next").GetGuid()}");

        first.GetProperty("runs").EnumerateArray().Select(Id).ShouldBe([SampleFacts.RunningRun, SampleFacts.FailedRun]);
        second.GetProperty("runs").EnumerateArray().Select(Id).ShouldBe([SampleFacts.Served]);
        second.TryGetProperty("next", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("/runs?state=Served", "state: 'Served' is not accepted; one of running, served, failed, cancelled is")]
    [InlineData("/runs?before=5", "before: '5' is not an id; a UUID such as 01990000-0000-7000-8000-000000000000 is accepted")]
    [InlineData("/runs/latest", "id: 'latest' is not an id; a UUID such as 01990000-0000-7000-8000-000000000000 is accepted")]
    public async Task Runs_BadValue_FaultNamesItAndWhatIsAccepted(string path, string detail) =>
        (await host.GetProblemAsync(path, HttpStatusCode.BadRequest)).ShouldBe(detail);

    [Theory]
    [InlineData("/runs/01990000-0000-7000-8000-000000000000")]
    [InlineData("/runs/01990000-0000-7000-8000-000000000000/metrics")]
    public async Task Run_Unknown_IsNotFound(string path) =>
        (await host.GetProblemAsync(path, HttpStatusCode.NotFound)).ShouldBe("id: there is no pipeline run 01990000-0000-7000-8000-000000000000");

    [Fact]
    public async Task Run_Served_TellsAll()
    {
        var run = await host.GetAsync($"/runs/{SampleFacts.Served}");

        run.GetProperty("state").GetString().ShouldBe("served");
        run.GetProperty("outcome").GetProperty("stage").GetString().ShouldBe("deploy-model");
        run.GetProperty("spec").GetProperty("training").GetProperty("epochs").GetInt32().ShouldBe(200);
        run.GetProperty("specDigest").GetString().ShouldBe(new string('a', 64));
        run.GetProperty("splitDigest").GetString().ShouldBe(new string('b', 64));
        run.GetProperty("dataset").GetProperty("name").GetString().ShouldBe("iris");
        run.GetProperty("training").GetProperty("bestEpoch").GetInt32().ShouldBe(70);
        var details = run.GetProperty("training").GetProperty("details");
        details.GetProperty("model").GetRawText().ShouldBe("""{"type":"mlp","hidden":[16],"activation":"silu","dropout":0.1}""");
        details.GetProperty("candidates").EnumerateArray().Select(candidate => candidate.GetProperty("model").GetProperty("type").GetString()).ShouldBe(["linear", "mlp", "residual-mlp"]);
        details.GetProperty("environment").GetProperty("packages").GetProperty("libtorch").GetString().ShouldBe("2.10.0");
        details.GetProperty("rowsPerSecond").GetDouble().ShouldBe(127 * 90 / 0.5);
        details.GetProperty("firstFitRows").GetInt64().ShouldBe(105);
        run.GetProperty("stages").EnumerateArray().Select(stage => stage.GetProperty("kind").GetString()).ShouldBe(["train-model", "evaluate-model"]);
        run.GetProperty("modelVersions").EnumerateArray().Select(version => version.GetProperty("version").GetInt32()).ShouldBe([1, 2, 3]);
        run.GetProperty("skippedMethods")[0].GetProperty("method").GetString().ShouldBe("int4");
    }

    [Fact]
    public async Task Run_UnderWay_TellsTheStageThatFailedOnce()
    {
        var run = await host.GetAsync($"/runs/{SampleFacts.RunningRun}");

        run.TryGetProperty("outcome", out _).ShouldBeFalse();
        var stage = run.GetProperty("stages").EnumerateArray().ShouldHaveSingleItem();
        stage.GetProperty("state").GetString().ShouldBe("leased");
        stage.GetProperty("attempts").GetInt32().ShouldBe(2);
        stage.GetProperty("worker").GetString().ShouldBe("trainer/host-1");
        stage.GetProperty("error").GetString().ShouldBe("the worker died");
        stage.GetProperty("progress").GetProperty("epoch").GetInt32().ShouldBe(34);
        stage.GetProperty("progress").GetProperty("rowsPerSecond").GetDouble().ShouldBe(45_000);
        stage.GetProperty("progress").GetProperty("candidate").GetProperty("type").GetString().ShouldBe("mlp");
    }

    [Fact]
    public async Task Metrics_FinishedTraining_GivesEachSeriesInOrder()
    {
        var series = (await host.GetAsync($"/runs/{SampleFacts.Served}/metrics")).GetProperty("series");

        var loss = series.GetProperty("train/loss");
        loss.GetProperty("steps").EnumerateArray().Select(step => step.GetInt32()).ShouldBe(Enumerable.Range(1, 90));
        loss.GetProperty("values")[0].GetDouble().ShouldBe(1.1 * Math.Exp(-1 / 18.0));
        series.GetProperty("validation/loss").GetProperty("values").GetArrayLength().ShouldBe(90);
    }

    [Fact]
    public async Task Metrics_TrainingUnderWay_AreThereAlready() =>
        (await host.GetAsync($"/runs/{SampleFacts.RunningRun}/metrics")).GetProperty("series").ToString().ShouldBe("""{"train/loss":{"steps":[1],"values":[0.5]}}""");

    private static Guid Id(JsonElement run) => run.GetProperty("id").GetGuid();
}
