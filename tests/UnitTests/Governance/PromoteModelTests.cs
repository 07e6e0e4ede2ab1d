using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>Each test has a registry of its own, because a promotion stays.</summary>
public sealed class PromoteModelTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Promote_VersionThatPassed_MovesTheChampionAndTellsEverybody()
    {
        using var response = await PostAsync("/models/iris/versions/1/promote", """{"actor":" Ada Lovelace ","reason":"int8 drifts on new data"}""");
        var promotion = await response.Content.ReadFromJsonAsync<JsonElement>(Token);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, promotion.ToString());
        promotion.GetProperty("alias").GetString().ShouldBe("champion");
        promotion.GetProperty("sequence").GetInt32().ShouldBe(2);
        promotion.GetProperty("version").GetInt32().ShouldBe(1);
        promotion.GetProperty("digest").GetString().ShouldBe(SampleFacts.OriginalDigest);
        promotion.TryGetProperty("decidedByRunId", out _).ShouldBeFalse();
        (await _host.GetAsync("/models/iris")).GetProperty("championVersion").GetInt32().ShouldBe(1);

        var audit = (await _host.GetAsync($"/audit?subject={SampleFacts.Original}")).GetProperty("entries").EnumerateArray().Last();
        audit.GetProperty("actor").GetString().ShouldBe("Ada Lovelace");
        audit.GetProperty("action").GetString().ShouldBe("model.promoted");
        audit.GetProperty("data").GetProperty("reason").GetString().ShouldBe("int8 drifts on new data");
        (await _host.GetAsync("/audit/verify")).GetProperty("holds").GetBoolean().ShouldBeTrue();

        var sent = await _host.Registry.ReadAsync((db, token) => db.OutboxMessages.Where(message => message.Type == nameof(ModelPromoted)).ToListAsync(token), Token);
        sent.ShouldHaveSingleItem().Body.ShouldContain(SampleFacts.OriginalDigest);
    }

    [Theory]
    [InlineData("{}", "actor: missing; who decides this, in 1 to 128 characters, is accepted; reason: missing; why, in 1 to 2000 characters, is accepted")]
    [InlineData("null", "actor: missing; who decides this, in 1 to 128 characters, is accepted; reason: missing; why, in 1 to 2000 characters, is accepted")]
    [InlineData("""{"actor":"Ada","reason":"  "}""", "reason: missing; why, in 1 to 2000 characters, is accepted")]
    [InlineData("""{"actor":"A\u0007da","reason":"why not"}""", "actor: control characters are not accepted; printable text is")]
    [InlineData("""{"actor":7,"reason":"why not"}""", """actor: not accepted; a JSON object such as {"actor": "…", "reason": "…"} is""")]
    [InlineData("""{"actor":"\ud800","reason":"half a character"}""", """actor: not accepted; a JSON object such as {"actor": "…", "reason": "…"} is""")]
    [InlineData("""{"actor":""", """actor: not accepted; a JSON object such as {"actor": "…", "reason": "…"} is""")]
    [InlineData("[]", """not accepted; a JSON object such as {"actor": "…", "reason": "…"} is""")]
    public async Task Promote_BadBody_FaultNamesAllThatIsWrong(string body, string detail) =>
        (await GovernanceHost.ProblemOf(await PostAsync("/models/iris/versions/1/promote", body), HttpStatusCode.BadRequest)).ShouldBe(detail);

    [Fact]
    public async Task Promote_TextThatIsTooLong_FaultSaysHowLong()
    {
        var body = JsonSerializer.Serialize(new { actor = new string('a', 129), reason = new string('r', 2_001) });

        (await GovernanceHost.ProblemOf(await PostAsync("/models/iris/versions/1/promote", body), HttpStatusCode.BadRequest))
            .ShouldBe("actor: 129 characters are not accepted; 1 to 128 are; reason: 2001 characters are not accepted; 1 to 2000 are");
    }

    [Theory]
    [InlineData("text/plain", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(null, HttpStatusCode.BadRequest)]
    public async Task Promote_NotSentAsJson_IsRefused(string? contentType, HttpStatusCode status)
    {
        using var content = new ByteArrayContent("""{"actor":"Ada","reason":"because"}"""u8.ToArray());
        if (contentType is not null)
            content.Headers.ContentType = new MediaTypeHeaderValue(contentType);
        using var response = await _host.Client.PostAsync("/models/iris/versions/1/promote", content, Token);

        response.StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData("/models/iris/versions/3/promote", HttpStatusCode.Conflict,
        "version: iris version 3 has not passed; only a version that met every gate can be promoted; gates.accuracy: accuracy 0.8261 is below the gate's minimum 0.9")]
    [InlineData("/models/wine/versions/1/promote", HttpStatusCode.Conflict,
        "version: wine version 1 has not been evaluated; only a version that passed can be promoted")]
    [InlineData("/models/iris/versions/2/promote", HttpStatusCode.Conflict, "version: iris version 2 is the champion already")]
    [InlineData("/models/iris/versions/4/promote", HttpStatusCode.NotFound, "version: iris has no version 4; its newest is 3")]
    public async Task Promote_VersionThatCannotBe_FaultSaysWhyAndNothingChanges(string path, HttpStatusCode status, string detail)
    {
        var before = await _host.GetAsync("/audit/verify");

        (await GovernanceHost.ProblemOf(await PostAsync(path, """{"actor":"Ada","reason":"because"}"""), status)).ShouldBe(detail);

        (await _host.GetAsync("/audit/verify")).ToString().ShouldBe(before.ToString());
        (await _host.GetAsync("/models/iris")).GetProperty("championVersion").GetInt32().ShouldBe(2);
    }

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _host.Client.PostAsync(path, content, Token);
    }
}
