using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>A person starts, moves, stops and finishes a rollout. iris version 2 is the champion; version 1 has passed, 3 has not.</summary>
public sealed class RolloutApiTests : IAsyncLifetime
{
    private const string Start = """{"version":1,"mode":"canary","weight":0.1,"actor":"Ada","reason":"try the original"}""";

    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Rollout_FromStartToFinish_IsStepsEventsAndAuditEntries()
    {
        var started = await PostAsync("/models/iris/rollouts", Start);
        var id = started.GetProperty("id").GetString();
        (Text(started, "mode"), Text(started, "state"), started.GetProperty("weight").GetDouble(), started.GetProperty("candidateVersion").GetInt32(), started.GetProperty("championVersion").GetInt32())
            .ShouldBe(("canary", "started", 0.1, 1, 2));
        started.GetProperty("objectives").GetProperty("maxLatencyRatio").GetDouble().ShouldBe(1.5);

        (await PostAsync($"/rollouts/{id}/weight", """{"weight":0.5,"actor":"Ada","reason":"looks well"}""")).GetProperty("weight").GetDouble().ShouldBe(0.5);
        Text(await PostAsync($"/rollouts/{id}/finish", """{"actor":"Grace","reason":"it holds"}"""), "state").ShouldBe("finished");

        var detail = await _host.GetAsync($"/rollouts/{id}");
        detail.GetProperty("steps").EnumerateArray().Select(step => $"{Text(step, "kind")} {step.GetProperty("weight")} by {Text(step, "actor")}: {Text(step, "reason")}")
            .ShouldBe(["started 0.1 by Ada: try the original", "reweighted 0.5 by Ada: looks well", "finished 1 by Grace: it holds"]);
        (await _host.GetAsync("/models/iris")).GetProperty("championVersion").GetInt32().ShouldBe(1);
        (await _host.GetAsync("/models/iris/rollouts")).EnumerateArray().ShouldHaveSingleItem().GetProperty("state").GetString().ShouldBe("finished");
        (await _host.GetAsync($"/audit?subject={id}")).GetProperty("entries").EnumerateArray().Select(entry => Text(entry, "action"))
            .ShouldBe(["rollout.started", "rollout.reweighted", "rollout.finished"]);
        (await _host.GetAsync("/audit/verify")).GetProperty("holds").GetBoolean().ShouldBeTrue();
        (await _host.GetAsync($"/lineage/rollout/{id}")).GetProperty("edges").GetArrayLength().ShouldBeGreaterThan(2);
        var (_, page) = await _host.GetPageAsync($"/ui/rollouts/{id}");
        foreach (var text in new[] { "Rollout of iris version 1", "finished", "looks well", "0 of 0 requests failed", "href=\"/ui/models/iris/versions/2\"", "<td class=\"number\">50 %</td>" })
            page.ShouldContain(text, Case.Sensitive);
        (await _host.GetPageAsync("/ui/models/iris")).Html.ShouldContain($"href=\"/ui/rollouts/{id}\"");
        using var fact = await _host.Client.GetAsync($"/ui/facts/{id}", Token);
        fact.Headers.Location!.ToString().ShouldBe($"/ui/rollouts/{id}");
        (await EventsAsync(nameof(RolloutChanged))).Select(body => Text(body, "step")).ShouldBe(["started", "reweighted", "finished"]);
        (await EventsAsync(nameof(ModelPromoted))).ShouldHaveSingleItem().GetProperty("version").GetInt32().ShouldBe(1);
    }

    [Fact]
    public async Task Stop_ARolloutThatGoesOn_LeavesTheChampion()
    {
        var id = Text(await PostAsync("/models/iris/rollouts", Start), "id");

        var stopped = await PostAsync($"/rollouts/{id}/stop", """{"actor":"Ada","reason":"enough seen"}""");

        (Text(stopped, "state"), stopped.GetProperty("weight").GetDouble()).ShouldBe(("stopped", 0));
        (await _host.GetAsync("/models/iris")).GetProperty("championVersion").GetInt32().ShouldBe(2);
        foreach (var move in (string[])["stop", "finish", "weight"])
            (await ProblemAsync($"/rollouts/{id}/{move}", """{"weight":0.2,"actor":"Ada","reason":"again"}""".Replace(move == "weight" ? "\0" : "\"weight\":0.2,", "", StringComparison.Ordinal), HttpStatusCode.Conflict))
                .ShouldBe($"id: rollout {id} has ended (stopped); only one that goes on can be moved");
        // The next may begin.
        await PostAsync("/models/iris/rollouts", Start);
    }

    [Fact]
    public async Task Promote_AnotherVersion_StopsTheRollout()
    {
        var id = Text(await PostAsync("/models/iris/rollouts", Start), "id");
        await _host.Registry.WriteAsync((db, _) =>
        {
            SampleFacts.AddPassedVersion(db, SampleFacts.Id(70), 4);
            return Task.CompletedTask;
        }, Token);

        await PostAsync("/models/iris/versions/4/promote", """{"actor":"Grace","reason":"newer data"}""");

        (await _host.GetAsync($"/rollouts/{id}")).GetProperty("steps").EnumerateArray().Last()
            .ShouldSatisfyAllConditions(step => Text(step, "kind").ShouldBe("stopped"), step => Text(step, "reason").ShouldBe("version 4 was promoted: newer data"));
    }

    [Theory]
    [InlineData("{}", "version: missing; the number of a version is; mode: missing; canary or shadow is accepted; weight: missing; the share of requests, 0 to 1, is accepted; "
        + "actor: missing; who decides this, in 1 to 128 characters, is accepted; reason: missing; why, in 1 to 2000 characters, is accepted")]
    [InlineData("""{"version":0,"mode":"canary","weight":1.5,"actor":"a","reason":"b"}""", "version: 0 is not accepted; the number of a version is; weight: 1.5 is not accepted; 0 to 1 is")]
    [InlineData("""{"version":1,"mode":"blue","weight":1,"actor":"a","reason":"b"}""",
        """mode: not accepted; a JSON object such as {"version": 4, "mode": "canary", "weight": 0.1, "actor": "…", "reason": "…"} is""")]
    [InlineData("""{"version":1,"mode":"canary","weight":1,"objectives":{"maxErrorRateIncrease":2,"maxLatencyRatio":0.5,"maxDrift":0,"maxDisagreement":0.1,"minRequests":0,"windowSeconds":5},"actor":"a","reason":"b"}""",
        "objectives.maxErrorRateIncrease: 2 is not accepted; 0 to 1 is; objectives.maxLatencyRatio: 0.5 is not accepted; 1 and above, or null, is; "
        + "objectives.maxDrift: 0 is not accepted; above 0, or null, is; objectives.minRequests: 0 is not accepted; 1 and above is; "
        + "objectives.windowSeconds: 5 is not accepted; 10 to 86400 is; objectives.maxDisagreement: a canary's answers have no others to be compared with; it is accepted with the mode shadow")]
    public async Task Start_BadBody_FaultNamesAllThatIsWrong(string body, string detail) => (await ProblemAsync("/models/iris/rollouts", body, HttpStatusCode.BadRequest)).ShouldBe(detail);

    [Theory]
    [InlineData("iris", 3, HttpStatusCode.Conflict, "version: iris version 3 has not passed; only a version that met every gate can be promoted; gates.accuracy: accuracy 0.8261 is below the gate's minimum 0.9")]
    [InlineData("iris", 2, HttpStatusCode.Conflict, "version: iris version 2 is the champion already")]
    [InlineData("iris", 9, HttpStatusCode.NotFound, "version: iris has no version 9; its newest is 3")]
    [InlineData("wine", 1, HttpStatusCode.Conflict, "version: wine version 1 has not been evaluated; only a version that passed can be promoted")]
    [InlineData("nobody", 1, HttpStatusCode.NotFound, "name: there is no model 'nobody'")]
    public async Task Start_AVersionThatCannotBeTried_FaultSaysWhy(string model, int version, HttpStatusCode status, string detail) =>
        (await ProblemAsync($"/models/{model}/rollouts", Start.Replace("\"version\":1", $"\"version\":{version}", StringComparison.Ordinal), status)).ShouldBe(detail);

    [Fact]
    public async Task Start_BesideAnother_IsRefused()
    {
        var id = Text(await PostAsync("/models/iris/rollouts", Start), "id");
        (await ProblemAsync("/models/iris/rollouts", Start, HttpStatusCode.Conflict)).ShouldBe($"name: rollout {id} of iris goes on; stop or finish it first");
    }

    [Fact]
    public async Task Start_OtherInputsThanTheChampions_IsRefused()
    {
        await _host.Registry.WriteAsync((db, _) =>
        {
            SampleFacts.AddPassedVersion(db, SampleFacts.Id(70), 4, columns: ["sepal_length"]);
            return Task.CompletedTask;
        }, Token);

        (await ProblemAsync("/models/iris/rollouts", Start.Replace("\"version\":1", "\"version\":4", StringComparison.Ordinal), HttpStatusCode.Conflict)).ShouldBe(
            "inputs.features: the candidate has FP32 [-1,4] of sepal_length, the champion FP32 [-1,4] of sepal_length, sepal_width, petal_length, petal_width; callers must not notice who answers");
    }

    [Theory]
    [InlineData("/rollouts/7", HttpStatusCode.BadRequest, "id: '7' is not an id; a UUID such as 01990000-0000-7000-8000-000000000000 is accepted")]
    [InlineData("/rollouts/01990000-0000-7000-8000-000000000000", HttpStatusCode.NotFound, "id: there is no rollout 01990000-0000-7000-8000-000000000000")]
    public async Task Show_NoSuchRollout_FaultSaysSo(string path, HttpStatusCode status, string detail) => (await _host.GetProblemAsync(path, status)).ShouldBe(detail);

    private static string Text(JsonElement element, string field) => element.GetProperty(field).GetString()!;

    private async Task<List<JsonElement>> EventsAsync(string type) => [.. (await _host.Registry.ReadAsync(
        (db, token) => db.OutboxMessages.Where(message => message.Type == type).OrderBy(message => message.Id).ToListAsync(token), Token)).Select(message => JsonElement.Parse(message.Body))];

    private async Task<JsonElement> PostAsync(string path, string body)
    {
        using var response = await SendAsync(path, body);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, answer.ToString());
        return answer;
    }

    private async Task<string> ProblemAsync(string path, string body, HttpStatusCode status) => await GovernanceHost.ProblemOf(await SendAsync(path, body), status);

    private async Task<HttpResponseMessage> SendAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _host.Client.PostAsync(path, content, Token);
    }
}
