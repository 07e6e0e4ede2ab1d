using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Onnx;
using Mlops.Registry.Audit;
using Mlops.UnitTests.Onnx;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>Trainings that were done elsewhere, recorded through the API. Each test has a registry of its own, because a fact stays.</summary>
public sealed class ExternalRunTests : IAsyncLifetime
{
    private const string RunId = "01990000-0000-7000-8000-0000000000aa";
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>A run of which a test changes what it is about.</summary>
    private static Dictionary<string, object?> Run => new()
    {
        ["name"] = "churn",
        ["source"] = "scikit-learn 1.2.1",
        ["actor"] = "Ada",
        ["startedAt"] = "2026-01-02T05:04:05+02:00",
        ["parameters"] = new Dictionary<string, object> { ["C"] = 1.5, ["penalty"] = "l2" },
        ["datasetDigest"] = new string('c', 64),
    };

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Run_WithEverythingInOneCall_IsAFactWithLineageAuditAndEvents()
    {
        var (datasetId, datasetDigest) = await DatasetAsync();
        var file = await UploadAsync();
        var (status, answer) = await PostAsync("/external-runs", new(Run)
        {
            ["datasetDigest"] = datasetDigest,
            ["metrics"] = new object[] { new { name = "train/loss", step = 1, value = 0.5 }, new { name = "train/loss", step = 2, value = 0.25 }, new { name = "accuracy", value = 0.9 } },
            ["model"] = new { digest = file, task = "regression", columns = new { features = new[] { "a", "b", "c" } } },
        });

        status.ShouldBe(HttpStatusCode.Created);
        var id = answer.GetProperty("id").GetGuid();
        answer.GetProperty("datasetVersionId").GetGuid().ShouldBe(datasetId);
        answer.GetProperty("model").GetProperty("version").GetInt32().ShouldBe(1);

        var shown = await _host.GetAsync($"/external-runs/{id}");
        shown.GetProperty("summary").GetProperty("modelVersion").GetInt32().ShouldBe(1);
        shown.GetProperty("summary").GetProperty("startedAt").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
        shown.GetProperty("parameters").ToString().ShouldBe("""{"C":1.5,"penalty":"l2"}""");
        shown.GetProperty("metrics").GetProperty("train/loss").ToString().ShouldBe("""{"steps":[1,2],"values":[0.5,0.25]}""");
        shown.GetProperty("metrics").GetProperty("accuracy").ToString().ShouldBe("""{"steps":[0],"values":[0.9]}""");

        var version = await _host.GetAsync("/models/churn/versions/1");
        version.GetProperty("digest").GetString().ShouldBe(file);
        version.GetProperty("externalRunId").GetGuid().ShouldBe(id);
        version.GetProperty("dataset").GetProperty("digest").GetString().ShouldBe(datasetDigest);
        version.GetProperty("signature").GetProperty("inputs")[0].ToString()
            .ShouldBe("""{"name":"features","datatype":"FP32","shape":[-1,3],"columns":["a","b","c"]}""");

        var lineage = await _host.GetAsync($"/lineage/by-digest/{file}");
        lineage.GetProperty("edges").EnumerateArray().Select(edge => $"{edge.GetProperty("relation")} {edge.GetProperty("parentKind")}")
            .ShouldBe(["trained-on dataset-version", "produced-by external-run"], ignoreOrder: true);

        var audited = await AuditAsync();
        audited.Select(entry => $"{entry.Actor} {entry.Action}").ShouldBe(["Ada external-run.recorded", "Ada model.registered"]);
        audited[0].Data.ShouldContain("""
            "metrics":{"train/loss":[[1,0.5],[2,0.25]],"accuracy":[[0,0.9]]}
            """.Trim());
        (await _host.Registry.ReadAsync(AuditChain.VerifyAsync, Token)).BrokenAt.ShouldBeNull();

        var events = await EventsAsync();
        events.Keys.ShouldBe([nameof(ExternalRunRecorded), nameof(ModelRegistered)], ignoreOrder: true);
        JsonSerializer.Deserialize<ModelRegistered>(events[nameof(ModelRegistered)], SpecJson.Canonical)!.Digest.ShouldBe(file);
    }

    [Fact]
    public async Task Run_PieceByPiece_ComesToTheSame()
    {
        (await PostAsync("/external-runs", new(Run) { ["id"] = RunId })).Status.ShouldBe(HttpStatusCode.Created);
        (await AddMetricAsync("validation/loss", 1, 0.7)).ShouldBe((HttpStatusCode.OK, 1));
        (await AddMetricAsync("validation/loss", 2, 0.6)).ShouldBe((HttpStatusCode.OK, 1));
        var (status, answer) = await PostAsync($"/external-runs/{RunId}/model", new()
        {
            ["actor"] = "Ada",
            ["model"] = new { digest = await UploadAsync(), task = "classification", classes = new[] { "no", "yes" } },
        });

        (status, answer.GetProperty("version").GetInt32()).ShouldBe((HttpStatusCode.Created, 1));
        (await _host.GetAsync($"/external-runs/{RunId}")).GetProperty("metrics").GetProperty("validation/loss").ToString().ShouldBe("""{"steps":[1,2],"values":[0.7,0.6]}""");
        (await AuditAsync()).Select(entry => entry.Action)
            .ShouldBe(["external-run.recorded", "external-run.metrics-added", "external-run.metrics-added", "model.registered"]);
    }

    [Fact]
    public async Task Run_SentAgainAfterALostAnswer_IsThereOnce()
    {
        var file = await UploadAsync();
        var run = new Dictionary<string, object?>(Run)
        {
            ["id"] = RunId,
            ["metrics"] = new object[] { new { name = "accuracy", value = 0.9 } },
            ["model"] = new { digest = file, task = "regression" },
        };
        var (_, first) = await PostAsync("/external-runs", run);
        var (status, second) = await PostAsync("/external-runs", run);

        status.ShouldBe(HttpStatusCode.OK);
        second.ToString().ShouldBe(first.ToString());
        (await AddMetricAsync("accuracy", 0, 0.9)).ShouldBe((HttpStatusCode.OK, 0));
        (await PostAsync($"/external-runs/{RunId}/model", new() { ["actor"] = "Ada", ["model"] = new { digest = file, task = "regression" } })).Status.ShouldBe(HttpStatusCode.OK);
        (await AuditAsync()).Count.ShouldBe(2);
        (await EventsAsync()).Count.ShouldBe(2);
    }

    [Fact]
    public async Task Run_FromManyCallersAtOnceWithOneId_IsThereOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => PostAsync("/external-runs", new(Run) { ["id"] = RunId })));
        answers.Count(answer => answer.Status == HttpStatusCode.Created).ShouldBe(1);
        answers.Count(answer => answer.Status == HttpStatusCode.OK).ShouldBe(7);
    }

    [Theory]
    [InlineData("name", "other")]
    [InlineData("source", "PyTorch 2.1")]
    [InlineData("parameters", null)]
    [InlineData("startedAt", "2026-01-02T05:04:06+02:00")]
    public async Task Run_SameIdForAnotherRun_IsAConflictAndTheFirstStays(string field, string? value)
    {
        await PostAsync("/external-runs", new(Run) { ["id"] = RunId });
        (await RefusedAsync("/external-runs", new(Run) { ["id"] = RunId, [field] = value }, HttpStatusCode.Conflict))
            .ShouldStartWith($"id: run {RunId} is recorded already with another");
        (await _host.GetAsync($"/external-runs/{RunId}")).GetProperty("summary").GetProperty("name").GetString().ShouldBe("churn");
    }

    [Fact]
    public async Task Metrics_WithAnotherValue_AreAConflictAndNothingIsAdded()
    {
        await PostAsync("/external-runs", new(Run) { ["id"] = RunId });
        await AddMetricAsync("accuracy", 1, 0.9);
        var metrics = new object[] { new { name = "accuracy", step = 2, value = 0.95 }, new { name = "accuracy", step = 1, value = 0.99 } };
        (await RefusedAsync($"/external-runs/{RunId}/metrics", new() { ["actor"] = "Ada", ["metrics"] = metrics }, HttpStatusCode.Conflict))
            .ShouldBe("metrics: accuracy at step 1 is 0.9 already, not 0.99; metrics are added, never changed");
        (await _host.GetAsync($"/external-runs/{RunId}")).GetProperty("metrics").GetProperty("accuracy").ToString().ShouldBe("""{"steps":[1],"values":[0.9]}""");
    }

    [Fact]
    public async Task Model_AnotherForTheSameRun_IsAConflict()
    {
        await PostAsync("/external-runs", new(Run) { ["id"] = RunId, ["model"] = new { digest = await UploadAsync(), task = "regression" } });
        var other = await UploadAsync(seed: 2);
        (await RefusedAsync($"/external-runs/{RunId}/model", new() { ["actor"] = "Ada", ["model"] = new { digest = other, task = "regression" } }, HttpStatusCode.Conflict))
            .ShouldStartWith($"digest: run {RunId} has a model already, churn version 1 with SHA-256");
    }

    [Fact]
    public async Task Model_OfARunElsewhere_CannotBePromotedBeforeItIsEvaluated()
    {
        await PostAsync("/external-runs", new(Run) { ["model"] = new { digest = await UploadAsync(), task = "regression" } });
        (await RefusedAsync("/models/churn/versions/1/promote", new() { ["actor"] = "Ada", ["reason"] = "it is good" }, HttpStatusCode.Conflict))
            .ShouldBe("version: churn version 1 has not been evaluated; only a version that passed can be promoted");
    }

    [Fact]
    public async Task Runs_ListedByName_AreNewestFirstPageByPage()
    {
        for (var i = 0; i < 3; i++)
            await PostAsync("/external-runs", new(Run) { ["source"] = $"run {i}" });
        await PostAsync("/external-runs", new(Run) { ["name"] = "other" });
        var first = await _host.GetAsync("/external-runs?name=churn&limit=2");
        var second = await _host.GetAsync($"/external-runs?name=churn&limit=2&before={first.GetProperty("next").GetGuid()}");

        first.GetProperty("runs").EnumerateArray().Concat(second.GetProperty("runs").EnumerateArray()).Select(run => run.GetProperty("source").GetString())
            .ShouldBe(["run 2", "run 1", "run 0"]);
        second.TryGetProperty("next", out _).ShouldBeFalse();
    }

    private async Task<(Guid Id, string Digest)> DatasetAsync() => await _host.Registry.ReadAsync(
        async (db, token) => await db.DatasetVersions.OrderBy(row => row.Id).Select(row => new ValueTuple<Guid, string>(row.Id, row.Digest)).FirstAsync(token), Token);

    private async Task<string> UploadAsync(int seed = 1)
    {
        using var file = new ByteArrayContent(OnnxFile.Write(Networks.Mlp(new Networks(seed).Layers(3, 4, 2))));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await _host.Client.PostAsync("/model-files", file, Token);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("digest").GetString()!;
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string path, Dictionary<string, object?> body)
    {
        using var response = await _host.Client.PostAsJsonAsync(path, body, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    private async Task<string> RefusedAsync(string path, Dictionary<string, object?> body, HttpStatusCode status) =>
        await GovernanceHost.ProblemOf(await _host.Client.PostAsJsonAsync(path, body, Token), status);

    private async Task<(HttpStatusCode Status, int Added)> AddMetricAsync(string name, int step, double value)
    {
        var (status, answer) = await PostAsync($"/external-runs/{RunId}/metrics", new() { ["actor"] = "Ada", ["metrics"] = new[] { new { name, step, value } } });
        return (status, answer.GetProperty("added").GetInt32());
    }

    private Task<List<AuditEntry>> AuditAsync() => _host.Registry.ReadAsync(
        (db, token) => db.AuditEntries.Where(entry => entry.Actor == "Ada").OrderBy(entry => entry.Sequence).ToListAsync(token), Token);

    private Task<Dictionary<string, string>> EventsAsync()
    {
        string[] names = [nameof(ExternalRunRecorded), nameof(ModelRegistered)];
        return _host.Registry.ReadAsync((db, token) => db.OutboxMessages.Where(message => names.Contains(message.Type)).ToDictionaryAsync(message => message.Type, message => message.Body, token), Token);
    }
}
