using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Mlops.Onnx;
using Mlops.UnitTests.Onnx;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>What is refused of a run from elsewhere, and in which words. Nothing is written, so the tests share a host.</summary>
[Collection(SharedGovernance.Name)]
public sealed class BadExternalRunTests(GovernanceHost host)
{
    private const string Digest = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
    private const string Good = $"\"name\":\"churn\",\"source\":\"s\",\"actor\":\"Ada\",\"datasetDigest\":\"{Digest}\"";

    [Theory]
    [InlineData("{}", "name: '' is not a name; accepted: 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit; "
        + "source: missing; what trained, such as scikit-learn 1.2.1, in 1 to 200 characters, is accepted; "
        + "actor: missing; who records this, in 1 to 128 characters, is accepted; "
        + "datasetDigest: '' is not a SHA-256; 64 lower-case hexadecimal digits are accepted")]
    [InlineData("null", "null is not accepted; a JSON object is")]
    [InlineData("{" + Good + ",\"parameters\":[1]}", "parameters: a JSON object of hyper-parameters by name is accepted")]
    [InlineData("{" + Good + ",\"startedAt\":\"2999-01-01T00:00:00Z\"}", "startedAt: 2999-01-01T00:00:00.0000000+00:00 is in the future; a time in the past is accepted")]
    [InlineData("{" + Good + ",\"metrics\":[{\"name\":\"a b\",\"step\":-1}]}",
        "metrics[0].name: 'a b' is not accepted; 1 to 128 letters, digits, '.', '_', '-' or '/', beginning with a letter or digit, are; "
        + "metrics[0].step: -1 is not accepted; a whole number from 0 on is; metrics[0].value: missing; a finite number is accepted")]
    [InlineData("{" + Good + ",\"metrics\":[{\"name\":\"a\",\"value\":1e999}]}", "metrics[0].value: not finite; a finite number is accepted")]
    [InlineData("{" + Good + ",\"metrics\":[{\"name\":\"a\",\"value\":1},{\"name\":\"a\",\"value\":2}]}", "metrics[1]: 'a' stands twice for step 0; one value for each step is accepted")]
    [InlineData("{" + Good + ",\"model\":{\"digest\":\"x\"}}", "model.digest: 'x' is not a SHA-256; 64 lower-case hexadecimal digits are accepted; model.task: missing; classification or regression is accepted")]
    [InlineData("{" + Good + ",\"model\":{\"digest\":\"" + Digest + "\",\"task\":\"regression\"}}", "model.digest: no file is stored under " + Digest + "; one that was sent to /model-files before is accepted")]
    public async Task Run_Bad_SaysEverythingThatIsWrong(string body, string detail) =>
        (await PostAsync("/external-runs", "application/json", Encoding.UTF8.GetBytes(body), HttpStatusCode.BadRequest)).ShouldBe(detail);

    [Theory]
    [InlineData("{" + Good + ",\"metrcs\":[]}", "metrcs: ")]
    [InlineData("{" + Good + ",\"metrics\":[{\"name\":\"a\",\"value\":\"NaN\"}]}", "metrics[0].value: ")]
    [InlineData("{" + Good + ",\"model\":{\"task\":\"ranking\"}}", "model.task: ")]
    [InlineData("{" + Good, "")]
    public async Task Run_NotEvenOfTheRightShape_NamesThePlaceAndWhatIsAccepted(string body, string field) =>
        (await PostAsync("/external-runs", "application/json", Encoding.UTF8.GetBytes(body), HttpStatusCode.BadRequest)).ShouldStartWith($"{field}not accepted; a JSON object such as");

    [Fact]
    public async Task Metrics_MoreThanAThousandAtOnce_AreRefused()
    {
        var points = string.Join(',', Enumerable.Range(0, 1_001).Select(step => $"{{\"name\":\"a\",\"step\":{step},\"value\":1}}"));
        (await PostAsync("/external-runs", "application/json", Encoding.UTF8.GetBytes($"{{{Good},\"metrics\":[{points}]}}"), HttpStatusCode.BadRequest))
            .ShouldBe("metrics: 1001 points at once are not accepted; up to 1000 are");
    }

    [Theory]
    [InlineData("metrics", "{\"actor\":\"Ada\",\"metrics\":[{\"name\":\"a\",\"value\":1}]}", HttpStatusCode.NotFound, "id: there is no run from elsewhere 01990000-0000-7000-8000-000000000000")]
    [InlineData("metrics", "{\"actor\":\"Ada\"}", HttpStatusCode.BadRequest, "metrics: missing; 1 to 1000 points are accepted")]
    [InlineData("model", "{\"actor\":\"Ada\"}", HttpStatusCode.BadRequest, "model: missing; the model's digest and task are accepted")]
    public async Task Addition_Bad_IsRefused(string part, string body, HttpStatusCode status, string detail) =>
        (await PostAsync($"/external-runs/01990000-0000-7000-8000-000000000000/{part}", "application/json", Encoding.UTF8.GetBytes(body), status)).ShouldBe(detail);

    [Fact]
    public async Task Model_ColumnsOfNoInput_NamesTheInputs()
    {
        var file = OnnxFile.Write(Networks.Mlp(new Networks(1).Layers(3, 2)));
        var digest = Convert.ToHexStringLower(SHA256.HashData(file));
        using var content = Content("application/octet-stream", file);
        (await host.Client.PostAsync("/model-files", content, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode();
        var body = $"{{{Good},\"model\":{{\"digest\":\"{digest}\",\"task\":\"regression\",\"columns\":{{\"x\":[\"a\"]}}}}}}";
        (await PostAsync("/external-runs", "application/json", Encoding.UTF8.GetBytes(body), HttpStatusCode.BadRequest))
            .ShouldBe("model.columns.x: the model has no such input; features are accepted");
    }

    [Theory]
    [InlineData("application/octet-stream", "no model", "model: 8 bytes that are no protobuf message")]
    [InlineData("application/octet-stream", "", "model: the file is empty; an ONNX model is accepted")]
    [InlineData("text/csv", "a,b", "Content-Type: 'text/csv' is not accepted; the ONNX file as application/octet-stream is")]
    public async Task ModelFile_ThatIsNone_IsRefused(string type, string text, string detail) =>
        (await PostAsync("/model-files", type, Encoding.UTF8.GetBytes(text), HttpStatusCode.BadRequest)).ShouldStartWith(detail);

    private async Task<string> PostAsync(string path, string type, byte[] body, HttpStatusCode status)
    {
        using var content = Content(type, body);
        return await GovernanceHost.ProblemOf(await host.Client.PostAsync(path, content, TestContext.Current.CancellationToken), status);
    }

    private static ByteArrayContent Content(string type, byte[] body)
    {
        var content = new ByteArrayContent(body);
        content.Headers.ContentType = new MediaTypeHeaderValue(type);
        return content;
    }
}
