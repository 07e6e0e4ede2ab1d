using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>Each test has a registry of its own, because a request stays.</summary>
public sealed class ReproductionApiTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [InlineData("/runs/{run}/reproductions")]
    [InlineData("/models/iris/versions/1/reproductions")]
    // A variant was trained as its original was, and compressed then.
    [InlineData("/models/iris/versions/2/reproductions", true)]
    public async Task Request_OfATrainedModel_IsAFact_AndTellsTheTrainer(string path, bool variant = false)
    {
        using var response = await PostAsync(path.Replace("{run}", $"{SampleFacts.Served}", StringComparison.Ordinal), new { actor = "Ada", reason = "audit" });
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        var asked = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        response.Headers.Location!.OriginalString.ShouldBe($"/reproductions/{asked.GetProperty("id").GetGuid()}");
        asked.GetProperty("state").GetString().ShouldBe("queued");
        (asked.GetProperty("version").GetInt32(), asked.GetProperty("digest").GetString()).ShouldBe((1, SampleFacts.OriginalDigest));
        asked.TryGetProperty("result", out _).ShouldBeFalse();
        asked.TryGetProperty("variant", out var told).ShouldBe(variant);
        if (variant)
            told.GetRawText().ShouldBe($$"""{"version":2,"method":"int8-dynamic","digest":"{{SampleFacts.Int8Digest}}"}""");

        var request = await _host.Registry.ReadAsync((db, token) => db.ReproductionRequests.SingleAsync(token), Token);
        (request.PipelineRunId, request.TrainingRunId, request.ModelVersionId, request.Actor, request.Reason).ShouldBe((SampleFacts.Served, SampleFacts.Training, SampleFacts.Original, "Ada", "audit"));
        request.VariantId.ShouldBe(variant ? SampleFacts.Int8 : null);
        var entry = await _host.Registry.ReadAsync((db, token) => db.AuditEntries.SingleAsync(entry => entry.SubjectId == request.Id, token), Token);
        (entry.Actor, entry.Action).ShouldBe(("Ada", "reproduction.requested"));
        var sent = await _host.Registry.ReadAsync((db, token) => db.OutboxMessages.SingleAsync(message => message.Type == nameof(ReproductionRequested), token), Token);
        sent.Body.ShouldContain($"{request.Id}");
        foreach (var text in new[] { entry.Data, sent.Body })
            text.Contains($"{SampleFacts.Int8}", StringComparison.Ordinal).ShouldBe(variant, text);
    }

    [Fact]
    public async Task Result_IsToldByTheApi_TheRun_TheVersion_AndBothPages()
    {
        using (await PostAsync("/models/iris/versions/1/reproductions", new { actor = "Ada", reason = "audit" }))
            await AnswerAsync(_host, ReproductionVerdict.Different);

        var run = (await _host.GetAsync($"/runs/{SampleFacts.Served}")).GetProperty("reproductions")[0];
        var version = (await _host.GetAsync("/models/iris/versions/1")).GetProperty("reproductions")[0];
        foreach (var told in new[] { run, version, await _host.GetAsync($"/reproductions/{run.GetProperty("id").GetGuid()}") })
        {
            var result = told.GetProperty("result");
            (result.GetProperty("verdict").GetString(), result.GetProperty("reason").GetString(), result.GetProperty("largestDifference").GetDouble()).ShouldBe(("different", "because", 0.5));
            result.GetProperty("metrics").GetProperty("accuracy").GetRawText().ShouldBe("""{"stored":0.9,"again":0.8}""");
        }
        foreach (var page in new[] { $"/ui/runs/{SampleFacts.Served}", "/ui/models/iris/versions/1" })
            (await _host.GetPageAsync(page)).Html.ShouldMatch("(?s)Ada: audit.*different.*because");
    }

    [Fact]
    public async Task Result_OfAVariant_IsToldByTheApi_TheRun_BothVersions_TheirPages_AndTheLineage()
    {
        using (await PostAsync("/models/iris/versions/2/reproductions", new { actor = "Ada", reason = "audit" }))
            await AnswerAsync(_host, ReproductionVerdict.Different, ReproductionVerdict.Equivalent);

        var run = (await _host.GetAsync($"/runs/{SampleFacts.Served}")).GetProperty("reproductions")[0];
        var (original, variant) = (await _host.GetAsync("/models/iris/versions/1"), await _host.GetAsync("/models/iris/versions/2"));
        foreach (var told in new[] { run, original.GetProperty("reproductions")[0], variant.GetProperty("reproductions")[0], await _host.GetAsync($"/reproductions/{run.GetProperty("id").GetGuid()}") })
        {
            told.GetProperty("result").GetProperty("verdict").GetString().ShouldBe("different");
            told.GetProperty("result").GetProperty("variant").GetRawText()
                .ShouldBe($$$"""{"verdict":"equivalent","reason":"because of that","digest":"{{{new string('f', 64)}}}","metrics":{"accuracy":{"stored":0.9,"again":0.9}},"isOfStoredOriginal":true}""");
        }
        (await _host.GetAsync("/models/iris/versions/3")).GetProperty("reproductions").GetArrayLength().ShouldBe(0);
        foreach (var page in new[] { $"/ui/runs/{SampleFacts.Served}", "/ui/models/iris/versions/1", "/ui/models/iris/versions/2" })
            (await _host.GetPageAsync(page)).Html.ShouldMatch("(?s)Ada: audit.*training.*different.*because.*compression, int8-dynamic.*equivalent.*because of that.*ffff");
        (await _host.GetAsync($"/lineage/model-version/{SampleFacts.Int8}?direction=down")).GetProperty("nodes").EnumerateArray().Select(node => node.GetProperty("label").GetString())
            .ShouldContain("trained again: different, compressed again: equivalent");
    }

    /// <summary>A trainer of an older build reads no variant out of a request.</summary>
    [Fact]
    public async Task Result_OfAVariant_FromATrainerThatCompressesNothing_IsNotTakenForIt()
    {
        using (await PostAsync("/models/iris/versions/2/reproductions", new { actor = "Ada", reason = "audit" }))
        {
            (await _host.GetPageAsync("/ui/models/iris/versions/2")).Html.ShouldContain("after the training");
            await AnswerAsync(_host, ReproductionVerdict.Identical);
        }
        (await _host.GetPageAsync("/ui/models/iris/versions/2")).Html.ShouldMatch("(?s)training.*identical.*compression, int8-dynamic.*not done: the trainer");
    }

    /// <summary>Nothing was trained here that could be trained again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Request_OfAModelFromElsewhere_OrItsVariant_IsRefused(int version)
    {
        await _host.Registry.WriteAsync((db, _) =>
        {
            SampleFacts.AddModelFromElsewhere(db);
            return Task.CompletedTask;
        }, Token);
        (await GovernanceHost.ProblemOf(await PostAsync($"/models/flora/versions/{version}/reproductions", new { actor = "Ada", reason = "audit" }), HttpStatusCode.Conflict))
            .ShouldBe("version: flora version 1 was made elsewhere; a model that was trained here is accepted, and a variant of one");
    }

    [Theory]
    [InlineData("/models/iris/versions/9/reproductions", HttpStatusCode.NotFound, "version: iris has no version 9; its newest is 3")]
    [InlineData("/runs/01990000-0000-7000-8000-000000000000/reproductions", HttpStatusCode.NotFound, "id: there is no pipeline run 01990000-0000-7000-8000-000000000000")]
    [InlineData("/runs/{failed}/reproductions", HttpStatusCode.Conflict, "id: run {failed} has trained no model, at least not yet; one that has is accepted")]
    [InlineData("/runs/{running}/reproductions", HttpStatusCode.Conflict, "id: run {running} has recorded no training; one that has is accepted")]
    public async Task Request_ThatCannotBe_SaysWhy(string path, HttpStatusCode status, string detail) =>
        (await GovernanceHost.ProblemOf(await PostAsync(Fill(path), new { actor = "Ada", reason = "audit" }), status)).ShouldBe(Fill(detail));

    [Fact]
    public async Task Request_OfACancelledRun_SaysThatItWouldWait()
    {
        using (await PostAsync($"/runs/{SampleFacts.RunningRun}/cancel", new { actor = "Ada", reason = "wrong file" }))
            (await GovernanceHost.ProblemOf(await PostAsync($"/runs/{SampleFacts.RunningRun}/reproductions", new { actor = "Ada", reason = "audit" }), HttpStatusCode.Conflict))
                .ShouldStartWith($"id: run {SampleFacts.RunningRun} was cancelled;");
    }

    [Fact]
    public async Task Request_ByNobody_NamesWhatIsMissing() =>
        (await GovernanceHost.ProblemOf(await PostAsync("/models/iris/versions/1/reproductions", new { reason = "audit" }), HttpStatusCode.BadRequest)).ShouldStartWith("actor: ");

    [Fact]
    public async Task Show_Unknown_IsNotFound() =>
        (await _host.GetProblemAsync("/reproductions/01990000-0000-7000-8000-000000000000", HttpStatusCode.NotFound)).ShouldBe("id: there is no reproduction 01990000-0000-7000-8000-000000000000");

    /// <summary>Does a trainer's work once there is a request.</summary>
    internal static async Task AnswerAsync(GovernanceHost host, ReproductionVerdict verdict, ReproductionVerdict? variant = null)
    {
        ReproductionRequest? request;
        while ((request = await host.Registry.ReadAsync((db, token) => db.ReproductionRequests.SingleOrDefaultAsync(token), Token)) is null)
            await Task.Delay(20, Token);
        await host.Registry.WriteAsync((db, _) =>
        {
            db.Insert(new Reproduction
            {
                Id = request.Id,
                Verdict = verdict,
                Reason = "because",
                Digest = new string('e', 64),
                LargestDifference = 0.5,
                Metrics = new Dictionary<string, ReproducedMetric> { ["accuracy"] = new(0.9, 0.8) },
                Variant = variant is { } compressed
                    ? new VariantReproduction(compressed, "because of that", new string('f', 64), new Dictionary<string, ReproducedMetric> { ["accuracy"] = new(0.9, 0.9) }, IsOfStoredOriginal: true)
                    : null,
                Backend = "libtorch",
                CodeVersion = "1",
                StartedAt = SampleFacts.At(1),
                CreatedAt = SampleFacts.At(2),
            });
            db.Link(FactKind.Reproduction, request.Id, "compared-with", FactKind.ModelVersion, request.VariantId ?? request.ModelVersionId);
            return Task.CompletedTask;
        }, Token);
    }

    private static string Fill(string text) =>
        text.Replace("{failed}", $"{SampleFacts.FailedRun}", StringComparison.Ordinal).Replace("{running}", $"{SampleFacts.RunningRun}", StringComparison.Ordinal);

    private Task<HttpResponseMessage> PostAsync(string path, object body) => _host.Client.PostAsJsonAsync(path, body, Token);
}
