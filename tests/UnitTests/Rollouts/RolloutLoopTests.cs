using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Onnx.Format;
using Mlops.Testing;
using Mlops.UnitTests.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Rollouts;

/// <summary>From a person's start to the verdict: requests are observed, observations judged, and what was judged is served.</summary>
public sealed class RolloutLoopTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Canary_WhoseAnswersDrift_IsRolledBackByItself()
    {
        await using var platform = await RolloutPlatform.StartAsync();
        await platform.AddAsync(1, Models.Add(1));
        await platform.AddAsync(2, Models.Add(9));
        await platform.PromoteAsync(1);
        var id = await platform.StartRolloutAsync(2, "canary", 0.5);

        var (ended, failed) = await platform.AskUntilItEndsAsync(id);

        failed.ShouldBe(0);
        State(ended).ShouldBe("rolled-back");
        var last = ended.GetProperty("steps").EnumerateArray().Last();
        last.GetProperty("actor").GetString().ShouldBe("governance");
        last.GetProperty("reason").GetString()!.ShouldContain("drift of y[0]: population stability index");
        ended.GetProperty("candidate").GetProperty("requests").GetInt64().ShouldBeGreaterThanOrEqualTo(200);
        (await platform.AuditedAsync(id)).ShouldBe(["rollout.started", "rollout.rolled-back"]);
        // Everybody has the champion again, and the candidate is not even to be asked for by its number.
        await Servers.UntilAsync(async () => await platform.AskAsync(version: "2") == 0, TimeSpan.FromSeconds(20), "the candidate's end");
        for (var asked = 0; asked < 20; asked++)
            (await platform.AskAsync()).ShouldBe(1);
        (await platform.GetAsync("/models/iris")).GetProperty("championVersion").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Canary_ThatAnswersNobody_IsRolledBackAfterAFewRequests()
    {
        await using var platform = await RolloutPlatform.StartAsync();
        await platform.AddAsync(1, Models.Add(1));
        await platform.AddAsync(2, Models.Identity(TensorProto.Types.DataType.Float, -1, 3));
        await platform.PromoteAsync(1);
        var id = await platform.StartRolloutAsync(2, "canary", 0.1);

        var (ended, failed) = await platform.AskUntilItEndsAsync(id);

        State(ended).ShouldBe("rolled-back");
        ended.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString()!.ShouldStartWith("error-rate-increase: ");
        ended.GetProperty("candidate").GetProperty("errors").GetInt64().ShouldBe(ended.GetProperty("candidate").GetProperty("requests").GetInt64());
        failed.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Canary_ThatNoReplicaCanLoad_IsRolledBack()
    {
        await using var platform = await RolloutPlatform.StartAsync();
        await platform.AddAsync(1, Models.Add(1));
        await platform.AddAsync(2, Models.CannotRun());
        await platform.PromoteAsync(1);

        var (ended, failed) = await platform.AskUntilItEndsAsync(await platform.StartRolloutAsync(2, "canary", 1));

        failed.ShouldBe(0);
        State(ended).ShouldBe("rolled-back");
        ended.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString()!.ShouldContain("could not load it: the model cannot run a row of zeros");
        // A version that was only tried ends no run.
        (await platform.Registry.ReadAsync((db, token) => db.PipelineOutcomes.CountAsync(outcome => !outcome.Served, token), Token)).ShouldBe(0);
    }

    [Fact]
    public async Task Shadow_ThatDisagrees_IsRolledBackWithoutHavingAnswered()
    {
        await using var platform = await RolloutPlatform.StartAsync();
        await platform.AddAsync(1, Models.Add(1));
        await platform.AddAsync(2, Models.Add(3));
        await platform.PromoteAsync(1);
        var id = await platform.StartRolloutAsync(2, "shadow", 1, """{"maxDrift":null,"maxLatencyRatio":null,"maxDisagreement":0.05}""");

        for (var asked = 0; asked < 30; asked++)
            (await platform.AskAsync()).ShouldBe(1);
        var (ended, failed) = await platform.AskUntilItEndsAsync(id);

        failed.ShouldBe(0);
        State(ended).ShouldBe("rolled-back");
        ended.GetProperty("steps").EnumerateArray().Last().GetProperty("reason").GetString()!.ShouldStartWith("disagreement: ");
    }

    [Fact]
    public async Task Canary_LikeTheChampion_GoesOnUntilItIsFinished()
    {
        await using var platform = await RolloutPlatform.StartAsync();
        await platform.AddAsync(1, Models.Add(1));
        await platform.AddAsync(2, Models.Add(1.0000001f));
        await platform.PromoteAsync(1);
        // Two models of a microsecond on a busy machine: their latencies are the machine's.
        var id = await platform.StartRolloutAsync(2, "canary", 0.5, """{"maxLatencyRatio":null,"minRequests":300}""");
        var random = new Random(4);
        await Servers.UntilAsync(async () =>
        {
            for (var asked = 0; asked < 50; asked++)
                (await platform.AskAsync(random.NextDouble())).ShouldBeGreaterThan(0);
            var candidate = (await platform.GetAsync($"/rollouts/{id}")).GetProperty("candidate");
            return candidate.GetProperty("requests").GetInt64() > 400;
        }, TimeSpan.FromSeconds(60), "400 observed requests");

        var detail = await platform.GetAsync($"/rollouts/{id}");
        State(detail).ShouldBe("started");
        detail.GetProperty("findings").EnumerateArray().ShouldAllBe(finding => !finding.GetProperty("broken").GetBoolean());
        await platform.PostAsync($"/rollouts/{id}/finish", """{"actor":"Grace","reason":"it holds"}""");

        await Servers.UntilAsync(async () => await platform.AskAsync() == 2 && await platform.AskAsync(version: "1") == 0, TimeSpan.FromSeconds(20), "the new champion");
        // Its run ends as served only now that it was promoted, though it was loaded before.
        await Servers.UntilAsync(async () => await platform.Registry.ReadAsync((db, token) => db.PipelineOutcomes.CountAsync(outcome => outcome.Served, token), Token) == 2,
            TimeSpan.FromSeconds(20), "the run's outcome");
    }

    [Fact]
    public async Task RoutingKey_OverRest_KeepsACallerWithOneVersion()
    {
        await using var platform = await RolloutPlatform.StartAsync();
        await platform.AddAsync(1, Models.Add(1));
        await platform.AddAsync(2, Models.Add(1));
        await platform.PromoteAsync(1);
        await platform.StartRolloutAsync(2, "canary", 0.5, """{"maxLatencyRatio":null}""");
        await Servers.UntilAsync(async () => await platform.AskAsync(version: "2") == 2, TimeSpan.FromSeconds(20), "the candidate");

        foreach (var caller in Enumerable.Range(0, 20))
        {
            var answers = new HashSet<int>();
            for (var asked = 0; asked < 4; asked++)
                answers.Add(await platform.AskAsync(parameters: $$"""{"routing_key":"user-{{caller}}"}"""));
            answers.ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task Versions_ByPolicy_AreServedBesideTheChampion()
    {
        await using var platform = await RolloutPlatform.StartAsync("--Inference:Models:iris:Versions:Policy=Latest", "--Inference:Models:iris:Versions:Count=2");
        for (var version = 1; version <= 3; version++)
        {
            await platform.AddAsync(version, Models.Add(version));
            await platform.PromoteAsync(version);
        }

        await Servers.UntilAsync(async () => await platform.AskAsync(version: "1") == 0, TimeSpan.FromSeconds(20), "the end of the first version");
        (await platform.AskAsync(version: "2")).ShouldBe(2);
        (await platform.AskAsync(version: "3")).ShouldBe(3);
        (await platform.GetAsync("/v2/models/iris")).GetProperty("versions").EnumerateArray().Select(version => version.GetString()).ShouldBe(["2", "3"]);
    }

    private static string? State(JsonElement detail) => detail.GetProperty("rollout").GetProperty("state").GetString();
}
