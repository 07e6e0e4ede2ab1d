using System.Net;
using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

[Collection(SharedGovernance.Name)]
public sealed class PageTests(GovernanceHost host)
{
    public static TheoryData<string, string[]> Pages => new()
    {
        { "/ui", ["href=\"/ui/models/iris\"", "href=\"/ui/models/iris/versions/2\"", $"href=\"/ui/runs/{SampleFacts.RunningRun}\"", "none promoted", "2026-01-02 03:07:05 UTC"] },
        { "/ui?state=failed", [$"href=\"/ui/runs/{SampleFacts.FailedRun}\"", "accuracy 0.8 is below the gate's minimum 0.9"] },
        { "/ui/models/iris", ["iris version 3", "int8-dynamic of 1", "not passed", "9.2 µs", "champion", "12.1 KiB"] },
        {
            "/ui/models/iris/versions/2",
            [
                SampleFacts.Int8Digest, "href=\"/models/iris/versions/2/content\"", "median 9.2 µs, 95th percentile 14.4 µs", "accuracy meets the gate's minimum 0.9",
                "By class", "versicolor", "0.8889", "Confusion matrix", "sepal_length, sepal_width, petal_length, petal_width", "compressed-from →", "trained-on →",
                SampleFacts.IrisDigest, "the fastest that met every gate", "replica-7", "12.3 ms",
            ]
        },
        { "/ui/models/iris/versions/3", ["accuracy 0.8261 is below the gate's minimum 0.9", SampleFacts.MissingDigest, "Never promoted", "Never deployed"] },
        { "/ui/models/wine/versions/1", ["Not evaluated yet", "not measured"] },
        { $"/ui/runs/{SampleFacts.Served}", ["train-model", "42.50 s", "version 1, original", "<polyline class=\"line0\"", "validation/loss", "epoch 70 kept", "No int4 variant", "\"patience\": 20", "mlp, picked from 3", "22,860 rows a second over 127 rows", "90 in two fits; epoch 70 was the best of the first", "105 training rows, then as far on 127, validation rows among them", "<polyline class=\"line2\"", "refit/train/loss", "the time budget was used up", "MKL_CBWR=COMPATIBLE", "the column station is constant", "2: mlp"] },
        { $"/ui/lineage/dataset-version/{SampleFacts.Iris}?direction=down", ["← trained-on", "on replica-7", "champion of iris, promotion 1"] },
        { $"/ui/trace?digest=%20{SampleFacts.Int8Digest}", ["iris version 2, int8-dynamic", "iris version 1, 150 rows", SampleFacts.IrisDigest] },
        { "/ui/audit", ["the chain holds", "3 entries checked", "dataset.registered", "SHA-256 of the 32 bytes of previousHash"] },
    };

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Page_Asked_ShowsKeyFactsAndNoScript(string path, string[] texts)
    {
        var (status, html) = await host.GetPageAsync(path);

        status.ShouldBe(HttpStatusCode.OK);
        var text = WebUtility.HtmlDecode(html);
        foreach (var expected in texts)
            text.ShouldContain(expected, Case.Sensitive);
        html.ShouldNotContain("<script", Case.Insensitive);
        html.ShouldStartWith("<!DOCTYPE html>");
    }

    [Fact]
    public async Task RunPage_UnderWay_FollowsTheRunByTheOneScriptThatIsLetIn()
    {
        using var response = await host.Client.GetAsync($"/ui/runs/{SampleFacts.RunningRun}", TestContext.Current.CancellationToken);
        var html = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        foreach (var expected in new[] { "leased", "the worker died", "mlp (3 of 4): epoch 34 of 100, loss 0.3122, validation loss 0.35, 45,000 rows/s, at most 12 s left", $"<main data-follow=\"/runs/{SampleFacts.RunningRun}/events\">" })
            html.ShouldContain(expected, Case.Sensitive);
        var script = html.Split("<script>")[1].Split("</script>")[0];
        var hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(script)));
        response.Headers.GetValues("Content-Security-Policy").Single().ShouldContain($"script-src 'sha256-{hash}'; connect-src 'self'");
    }

    [Theory]
    [InlineData("/ui?state=failed")]
    [InlineData("/ui/models/iris/versions/1")]
    [InlineData("/ui/audit")]
    public async Task Page_TextOfAUser_IsEncoded(string path)
    {
        var (_, html) = await host.GetPageAsync(path);

        html.ShouldContain("&lt;script&gt;");
        html.ShouldNotContain("<script", Case.Insensitive);
    }

    [Theory]
    [InlineData("/ui/models/nope", HttpStatusCode.NotFound, "name: there is no model 'nope'")]
    [InlineData("/ui/models/%3Cscript%3E", HttpStatusCode.NotFound, "name: there is no model '<script>'")]
    [InlineData("/ui/runs/1", HttpStatusCode.BadRequest, "id: '1' is not an id")]
    [InlineData("/ui?state=gone", HttpStatusCode.BadRequest, "state: 'gone' is not accepted; one of running, served, failed, cancelled is")]
    [InlineData("/ui/trace", HttpStatusCode.BadRequest, "64 lower-case hexadecimal digits are accepted")]
    [InlineData("/ui/facts/01990000-0000-7000-8000-000000000000", HttpStatusCode.NotFound, "there is no fact")]
    public async Task Page_Fault_IsAPageThatSaysIt(string path, HttpStatusCode expected, string text)
    {
        var (status, html) = await host.GetPageAsync(path);

        status.ShouldBe(expected);
        WebUtility.HtmlDecode(html).ShouldContain(text);
        html.ShouldNotContain("<script", Case.Insensitive);
    }

    [Fact]
    public async Task Page_Any_LetsNothingButItsOwnStyleIn()
    {
        using var response = await host.Client.GetAsync("/ui", TestContext.Current.CancellationToken);

        response.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; style-src 'sha256-");
    }

    public static TheoryData<string, string> Redirects => new()
    {
        { "/", "/ui" },
        { $"/ui/facts/{SampleFacts.Training}", $"/ui/runs/{SampleFacts.Served}" },
        { $"/ui/facts/{SampleFacts.FailedRun}", $"/ui/runs/{SampleFacts.FailedRun}" },
        { $"/ui/facts/{SampleFacts.Int8}", "/ui/models/iris/versions/2" },
        { $"/ui/facts/{SampleFacts.Id(33)}", "/ui/models/iris/versions/3" },
        { $"/ui/facts/{SampleFacts.Id(35)}", "/ui/models/iris/versions/2" },
        { $"/ui/facts/{SampleFacts.Id(36)}", "/ui/models/iris/versions/2" },
        { $"/ui/facts/{SampleFacts.Iris}", $"/ui/lineage/dataset-version/{SampleFacts.Iris}?direction=down" },
    };

    [Theory]
    [MemberData(nameof(Redirects))]
    public async Task Redirect_KnownFact_LeadsToItsPage(string path, string target)
    {
        using var response = await host.Client.GetAsync(path, TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.Redirect);
        response.Headers.Location!.ToString().ShouldBe(target);
        (await host.GetPageAsync(target == "/ui" ? "/ui" : target)).Status.ShouldBe(HttpStatusCode.OK);
    }
}
