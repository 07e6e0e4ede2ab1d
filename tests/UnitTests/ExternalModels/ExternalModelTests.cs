using System.Net;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.ExternalModels;

/// <summary>Models that were made elsewhere, from their registration to their answers.</summary>
public sealed class ExternalModelTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-external-").FullName;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Model_WithData_IsServedAndSaysWhereItIsFrom()
    {
        await using var platform = await ModelPlatform.StartAsync(_folder);
        var run = await platform.BeginAsync("flora", IrisModels.AsNetwork());
        var outcome = await platform.OutcomeAsync(run);
        outcome.Served.ShouldBeTrue(outcome.Reason);
        (await platform.AskAsync("flora", 5.1f, 3.5f, 1.4f, 0.2f)).ShouldBe("setosa");

        (await platform.GetAsync($"/runs/{run}")).GetProperty("modelVersions").EnumerateArray().Select(row => $"{row.GetProperty("method")} {row.GetProperty("passed")}")
            .ShouldBe(["original True", "int8-dynamic True", "float16 True"]);
        // A variant's run evaluated its original, and trained nothing.
        foreach (var number in new[] { 1, 3 })
        {
            var version = await platform.GetAsync($"/models/flora/versions/{number}");
            version.GetProperty("provenance").ToString().ShouldBe("""{"source":"scikit-learn 1.5, team flora","license":"Apache-2.0"}""");
            version.TryGetProperty("dataset", out _).ShouldBeFalse();
        }
        var page = await platform.Client.GetStringAsync(new Uri("/ui/models/flora/versions/1", UriKind.Relative), Token);
        page.ShouldContain("team flora");
        page.ShouldContain("Apache-2.0");
        var id = (await platform.GetAsync("/models/flora/versions/1")).GetProperty("id").GetGuid();
        (await platform.GetAsync($"/lineage/model-version/{id}")).GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("label").GetString())
            .ShouldContain("run of flora elsewhere, by scikit-learn 1.5, team flora, license Apache-2.0");
    }

    [Fact]
    public async Task Model_ThatNoMethodSuits_IsServedAsItIs()
    {
        await using var platform = await ModelPlatform.StartAsync(_folder);
        var run = await platform.BeginAsync("flora", IrisModels.AsClassifier());
        (await platform.OutcomeAsync(run)).Served.ShouldBeTrue();
        (await platform.AskAsync("flora", 6.3f, 3.3f, 6.0f, 2.5f)).ShouldBe("virginica");
        (await platform.GetAsync($"/runs/{run}")).GetProperty("skippedMethods").GetArrayLength().ShouldBe(2);
    }

    [Fact]
    public async Task Model_OfOneRowAtATime_IsEvaluatedRowByRow()
    {
        await using var platform = await ModelPlatform.StartAsync(_folder);
        var outcome = await platform.OutcomeAsync(await platform.BeginAsync("flora", IrisModels.AsNetwork(rows: 1)));
        outcome.Served.ShouldBeTrue(outcome.Reason);
    }

    /// <summary>Who had named the columns wrongly could never put it right.</summary>
    [Fact]
    public async Task Model_RegisteredAgain_IsANewVersionOnlyIfOtherColumnsAreNamed()
    {
        await using var platform = await ModelPlatform.StartAsync(_folder);
        string[] swapped = [.. IrisModels.Columns.Reverse()];
        (await platform.RegisterAsync("flora", IrisModels.AsNetwork(), swapped)).ShouldBe(1);
        (await platform.RegisterAsync("flora", IrisModels.AsNetwork(), IrisModels.Columns)).ShouldBe(2);
        (await platform.RegisterAsync("flora", IrisModels.AsNetwork(), swapped)).ShouldBe(1);
        (await platform.RegisterAsync("flora", IrisModels.AsNetwork(), IrisModels.Columns)).ShouldBe(2);
    }

    /// <summary>Its run used to go on for ever: nothing told it that the version of which no run is the maker is served.</summary>
    [Fact]
    public async Task Model_PromotedByAPerson_EndsTheRunThatEvaluatedIt()
    {
        await using var platform = await ModelPlatform.StartAsync(_folder);
        var run = await platform.BeginAsync("flora", IrisModels.AsNetwork(), """{"task":"classification","target":"class","compression":{"methods":[]},"promotion":{"mode":"manual"}}""");
        await Testing.Servers.UntilAsync(
            async () => (await platform.GetAsync($"/runs/{run}")).GetProperty("stages").EnumerateArray().Any(stage => $"{stage.GetProperty("kind")} {stage.GetProperty("state")}" == "compress-model done"),
            TimeSpan.FromMinutes(1), "the compression's end");
        (await platform.PostAsync("/models/flora/versions/1/promote", new { actor = "Ada", reason = "it is good" })).Status.ShouldBe(HttpStatusCode.OK);
        (await platform.OutcomeAsync(run)).Served.ShouldBeTrue();
    }
}
