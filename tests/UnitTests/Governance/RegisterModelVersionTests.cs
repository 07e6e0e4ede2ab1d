using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Onnx;
using Mlops.UnitTests.Onnx;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>An ONNX file that was made anywhere becomes a version, with where it is from. Each test has a registry of its own, because a fact stays.</summary>
public sealed class RegisterModelVersionTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Register_AFileWithItsProvenance_IsAVersionThatLeadsBackToIt()
    {
        var digest = await UploadAsync();
        var (status, version) = await PostAsync("/models/churn/versions", Model(digest, training: SampleFacts.IrisDigest));

        status.ShouldBe(HttpStatusCode.Created, version.ToString());
        (version.GetProperty("version").GetInt32(), version.GetProperty("digest").GetString()).ShouldBe((1, digest));
        var id = version.GetProperty("id").GetGuid();
        var shown = await _host.GetAsync("/models/churn/versions/1");
        var origin = await _host.GetAsync($"/external-runs/{shown.GetProperty("externalRunId").GetGuid()}");
        var summary = origin.GetProperty("summary");
        (summary.GetProperty("source").GetString(), summary.GetProperty("license").GetString(), summary.GetProperty("datasetDigest").GetString())
            .ShouldBe(("https://example.org/churn.onnx", "Apache-2.0", SampleFacts.IrisDigest));
        origin.GetProperty("datasetVersionId").GetGuid().ShouldBe(SampleFacts.Iris);
        var lineage = (await _host.GetAsync($"/lineage/by-digest/{digest}")).ToString();
        foreach (var text in new[] { "run of churn elsewhere, by https://example.org/churn.onnx", "trained-on", SampleFacts.IrisDigest })
            lineage.ShouldContain(text);
        var audit = (await _host.GetAsync($"/audit?subject={id}")).GetProperty("entries").EnumerateArray().ShouldHaveSingleItem();
        (audit.GetProperty("actor").GetString(), audit.GetProperty("action").GetString(), audit.GetProperty("data").GetProperty("license").GetString())
            .ShouldBe(("Ada", "model.registered", "Apache-2.0"));
        (await _host.GetAsync("/audit/verify")).GetProperty("holds").GetBoolean().ShouldBeTrue();
        (await _host.Registry.ReadAsync((db, token) => db.OutboxMessages.CountAsync(message => message.Type == nameof(ModelRegistered), token), Token)).ShouldBe(1);
    }

    [Fact]
    public async Task Register_TheSameFileAgain_IsTheSameVersion()
    {
        var (first, second) = (await UploadAsync(1), await UploadAsync(2));
        foreach (var (digest, expected, number) in new[] { (first, HttpStatusCode.Created, 1), (second, HttpStatusCode.Created, 2), (first, HttpStatusCode.OK, 1) })
        {
            var (status, version) = await PostAsync("/models/churn/versions", Model(digest));
            (status, version.GetProperty("version").GetInt32()).ShouldBe((expected, number));
        }

        // Another model's version may have the same bytes.
        (await PostAsync("/models/another/versions", Model(first))).Status.ShouldBe(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Register_TrainingDataThatNobodyKnows_IsLeftOut()
    {
        var (_, version) = await PostAsync("/models/churn/versions", Model(await UploadAsync()));
        var shown = await _host.GetAsync($"/models/churn/versions/{version.GetProperty("version").GetInt32()}");
        (await _host.GetAsync($"/external-runs/{shown.GetProperty("externalRunId").GetGuid()}")).GetProperty("summary").TryGetProperty("datasetDigest", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Register_WithNothingSaid_FaultNamesAllThatIsMissing() =>
        (await RefusedAsync("/models/churn/versions", new { digest = "abc", trainingDataDigest = "x" }, HttpStatusCode.BadRequest)).ShouldBe(
            "digest: 'abc' is not a SHA-256; 64 lower-case hexadecimal digits are accepted; task: missing; classification or regression is accepted; "
            + "source: missing; where it is from, in 1 to 200 characters, is accepted; "
            + "license: missing; under which license it may be used, such as Apache-2.0, in 1 to 200 characters, is accepted; "
            + "actor: missing; who registers it, in 1 to 128 characters, is accepted; "
            + "trainingDataDigest: 'x' is not a SHA-256; 64 lower-case hexadecimal digits are accepted");

    [Fact]
    public async Task Register_AFileThatIsNotThere_SaysSo()
    {
        var digest = new string('7', 64);
        (await RefusedAsync("/models/churn/versions", Model(digest), HttpStatusCode.BadRequest))
            .ShouldBe($"digest: no file is stored under {digest}; one that was sent to /model-files before is accepted");
    }

    [Fact]
    public async Task Register_UnderWhatIsNoName_SaysSo() =>
        (await RefusedAsync("/models/-churn/versions", Model(await UploadAsync()), HttpStatusCode.BadRequest)).ShouldStartWith("name: '-churn' is not a name; accepted: ");

    private static object Model(string digest, string? training = null) => new
    {
        digest,
        task = "regression",
        columns = new { features = new[] { "a", "b", "c" } },
        source = " https://example.org/churn.onnx ",
        license = "Apache-2.0",
        trainingDataDigest = training,
        actor = "Ada",
    };

    private async Task<string> UploadAsync(int seed = 1)
    {
        using var file = new ByteArrayContent(OnnxFile.Write(Networks.Mlp(new Networks(seed).Layers(3, 4, 2))));
        file.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        using var response = await _host.Client.PostAsync("/model-files", file, Token);
        return (await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("digest").GetString()!;
    }

    private async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string path, object body)
    {
        using var response = await _host.Client.PostAsJsonAsync(path, body, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    private async Task<string> RefusedAsync(string path, object body, HttpStatusCode status) =>
        await GovernanceHost.ProblemOf(await _host.Client.PostAsJsonAsync(path, body, Token), status);
}
