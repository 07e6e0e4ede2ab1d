using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Client;
using Mlops.Registry.Audit;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.EndToEndTests;

/// <summary>The embedded default as a newcomer runs it.</summary>
public sealed class StandaloneTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Demo_Exit_ServesEveryPipeline()
    {
        await using var demo = ServiceProcess.Start("Standalone", ["demo", "--exit", "--data-dir", Servers.NewFolder("demo"), "--port", "0", "--grpc-port", "0"]);
        var status = await demo.ExitedAsync(Longest);
        (status, demo.Output.Split('\n')[^1]).ShouldBe((0, "demo: 5 pipelines, 5 served, 0 failed"), demo.Output);
    }

    [Fact]
    public async Task Serve_KilledWhileItTrains_FinishesTheRunWhenStartedAgain()
    {
        var folder = Servers.NewFolder("killed");
        await using var registry = TestRegistry.OpenSqlite(Path.Combine(folder, "registry.db"));
        await using var first = await ServeAsync(folder);
        // Long enough to be killed in the middle, short enough to wait for twice.
        var run = await Pipelines.RegisterAsync(first.Http, "digits", Pipelines.Sample("digits"),
            """{"task":"classification","target":"class","model":{"type":"mlp"},"training":{"epochs":300,"earlyStopping":null}}""", Stop);
        await Servers.UntilAsync(() => registry.Store.ReadAsync(
            (db, token) => db.MetricPoints.AnyAsync(token), Stop), Longest, "the first epochs");
        await first.Process.KillAsync();

        await using var second = await ServeAsync(folder);
        var outcome = await Pipelines.OutcomeAsync(registry.Store, run, Longest, Stop);
        outcome.Served.ShouldBeTrue(second.Process.Output);
        var training = await registry.Store.ReadAsync((db, token) => db.WorkItems.SingleAsync(item => item.Kind == "train-model", token), Stop);
        (training.State, training.Attempt).ShouldBe((WorkState.Done, 2));
        (await registry.Store.ReadAsync((db, token) => db.ModelVersions.CountAsync(token), Stop)).ShouldBe(3);
        (await registry.Store.ReadAsync((db, token) => db.MetricPoints.CountAsync(point => point.Name == "train/loss", token), Stop)).ShouldBe(300);
        (await registry.Store.ReadAsync(AuditChain.VerifyAsync, Stop)).BrokenAt.ShouldBeNull();
    }

    [Fact]
    public async Task BoostedTrees_AreTrainedEvaluatedPromotedAndServed()
    {
        var folder = Servers.NewFolder("trees");
        await using var registry = TestRegistry.OpenSqlite(Path.Combine(folder, "registry.db"));
        await using var served = await ServeAsync(folder);

        var run = await Pipelines.RegisterAsync(served.Http, "penguins", Pipelines.Sample("penguins"),
            """{"task":"classification","target":"species","model":{"type":"boosted-trees"},"evaluation":{"gates":[{"metric":"accuracy","min":0.9}]}}""", Stop);

        var outcome = await Pipelines.OutcomeAsync(registry.Store, run, Longest, Stop);
        outcome.Served.ShouldBeTrue($"{outcome.Reason}\n{served.Process.Output}");
        // No method of compression suits trees: each says so, and the original is served.
        var compression = await registry.Store.ReadAsync((db, token) => db.Compressions.SingleAsync(token), Stop);
        compression.Skipped.Select(skipped => skipped.Method).ShouldBe(["int8-dynamic", "float16"]);
        using var client = new InferenceClient(served.Grpc);
        var prediction = await client.PredictAsync<Penguin, Species>("penguins", new Penguin("Torgersen", 39.1f, 18.7f, 181, 3750, null), cancellationToken: Stop);
        (prediction.Label, prediction.Probabilities.Length).ShouldBe(("Adelie", 3));
    }

    /// <summary>A file that came from anywhere: here, what another run has made.</summary>
    [Fact]
    public async Task ExternalModel_WithItsProvenance_IsEvaluatedCompressedPromotedAndServed()
    {
        var folder = Servers.NewFolder("external");
        await using var registry = TestRegistry.OpenSqlite(Path.Combine(folder, "registry.db"));
        await using var served = await ServeAsync(folder);
        using var http = new HttpClient { BaseAddress = served.Http };
        var made = await Pipelines.RegisterAsync(served.Http, "iris", Pipelines.Sample("iris"), """{"task":"classification","target":"class","model":{"type":"mlp"},"compression":{"methods":[]}}""", Stop);
        (await Pipelines.OutcomeAsync(registry.Store, made, Longest, Stop)).Served.ShouldBeTrue(served.Process.Output);
        var file = await http.GetByteArrayAsync("/models/iris/versions/1/content", Stop);
        var signature = (await http.GetFromJsonAsync<JsonElement>("/models/iris/versions/1", Stop)).GetProperty("signature");

        // 1. The file, and what is said of it.
        using var sent = await http.PostAsync("/model-files", new ByteArrayContent(file) { Headers = { ContentType = new("application/octet-stream") } }, Stop);
        var digest = (await sent.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("digest").GetString();
        var model = new
        {
            digest,
            task = "classification",
            source = "https://example.org/iris",
            license = "Apache-2.0",
            actor = "Ada",
            columns = new { features = signature.GetProperty("inputs")[0].GetProperty("columns") },
            classes = signature.GetProperty("classes"),
        };
        using var registered = await http.PostAsJsonAsync("/models/imported/versions", model, Stop);
        registered.StatusCode.ShouldBe(HttpStatusCode.Created, await registered.Content.ReadAsStringAsync(Stop));
        using var again = await http.PostAsJsonAsync("/models/imported/versions", model, Stop);
        again.StatusCode.ShouldBe(HttpStatusCode.OK);

        // 2. A run that begins with it.
        using var started = await http.PostAsJsonAsync("/datasets/iris/versions/1/runs?model=imported&modelVersion=1", new
        {
            task = "classification",
            target = "class",
            evaluation = new { gates = new[] { new { metric = "accuracy", min = 0.8 } } },
            compression = new { methods = new[] { "float16" } },
        }, Stop);
        started.StatusCode.ShouldBe(HttpStatusCode.Accepted, await started.Content.ReadAsStringAsync(Stop));
        var run = (await started.Content.ReadFromJsonAsync<JsonElement>(Stop)).GetProperty("pipelineRunId").GetGuid();
        var outcome = await Pipelines.OutcomeAsync(registry.Store, run, Longest, Stop);
        outcome.Served.ShouldBeTrue($"{outcome.Reason}\n{served.Process.Output}");

        // 3. It answers, and leads back to where it is from.
        using var client = new InferenceClient(served.Grpc);
        var prediction = await client.PredictAsync("imported", [[5.1f, 3.5f, 1.4f, 0.2f]], cancellationToken: Stop);
        prediction.Rows[0].Label.ShouldBe("setosa");
        var versions = (await http.GetFromJsonAsync<JsonElement>($"/runs/{run}", Stop)).GetProperty("modelVersions").EnumerateArray().Select(version => version.GetProperty("method").GetString());
        versions.ShouldBe(["original", "float16"]);
        var lineage = (await http.GetStringAsync($"/lineage/by-digest/{digest}", Stop));
        lineage.ShouldContain("run of imported elsewhere, by https://example.org/iris");
        // Once only.
        using var twice = await http.PostAsJsonAsync("/datasets/iris/versions/1/runs?model=imported&modelVersion=1", new { task = "classification", target = "class" }, Stop);
        twice.StatusCode.ShouldBe(HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Serve_StartedAgain_ServesWhatItServed()
    {
        var folder = Servers.NewFolder("again");
        await using var registry = TestRegistry.OpenSqlite(Path.Combine(folder, "registry.db"));
        await using (var first = await ServeAsync(folder))
        {
            var run = await Pipelines.RegisterAsync(first.Http, "iris", Pipelines.Sample("iris"), """{"task":"classification","target":"class","model":{"type":"mlp"}}""", Stop);
            (await Pipelines.OutcomeAsync(registry.Store, run, Longest, Stop)).Served.ShouldBeTrue();
        }
        await using var second = await ServeAsync(folder);
        await second.Process.ReadyAsync(second.Http, Longest);
        using var client = new InferenceClient(second.Grpc);
        var prediction = await client.PredictAsync("iris", [[5.1f, 3.5f, 1.4f, 0.2f]], cancellationToken: Stop);
        prediction.Rows.ShouldHaveSingleItem().Label.ShouldBe("setosa");

        using var rest = new HttpClient { BaseAddress = second.Http };
        using var answer = await rest.PostAsync("/v2/models/iris/infer", new StringContent(
            """{"inputs":[{"name":"features","shape":[1,4],"datatype":"FP32","data":[5.1,3.5,1.4,0.2]}],"outputs":[{"name":"label"}]}"""), Stop);
        (await answer.Content.ReadAsStringAsync(Stop)).ShouldEndWith(""","outputs":[{"name":"label","datatype":"BYTES","shape":[1],"data":["setosa"]}]}""");
        (await rest.GetStringAsync(new Uri("/v2/models/iris", UriKind.Relative), Stop))
            .ShouldContain("""{"columns":["sepal_length","sepal_width","petal_length","petal_width"]}""");
    }

    [Theory]
    [InlineData("""{"task":"classification","target":"class","model":{"type":"mlp"},"evaluation":{"gates":[{"metric":"logLoss","max":0}]},"training":{"epochs":1}}""", "evaluate-model", "GateNotMet", "logLoss")]
    [InlineData("""{"task":"classification","target":"class","model":{"type":"mlp"},"optimizer":{"type":"sgd","learningRate":1000,"momentum":0.99}}""", "train-model", "Invalid", "loss")]
    public async Task Pipeline_ThatFails_SaysWhereAndWhy(string spec, string stage, string kind, string reason)
    {
        var folder = Servers.NewFolder("failing");
        await using var registry = TestRegistry.OpenSqlite(Path.Combine(folder, "registry.db"));
        await using var host = await ServeAsync(folder);
        var run = await Pipelines.RegisterAsync(host.Http, "iris", Pipelines.Sample("iris"), spec, Stop);
        var outcome = await Pipelines.OutcomeAsync(registry.Store, run, Longest, Stop);
        (outcome.Served, outcome.Stage, outcome.Kind).ShouldBe((false, stage, kind));
        outcome.Reason.ShouldNotBeNull().ShouldContain(reason);
        (await registry.Store.ReadAsync((db, token) => db.Promotions.AnyAsync(token), Stop)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("task: classification\ntarget: class\n", 0, "served")]
    [InlineData("task: classification\ntarget: class\nevaluation:\n  gates: [{ metric: logLoss, max: 0 }]\n", 1, "logLoss")]
    public async Task CommandLine_RegistersAndFollows_StatusSaysWhetherItIsServed(string yaml, int expected, string told)
    {
        var folder = Servers.NewFolder("commands");
        var (csv, spec) = (Path.Combine(folder, "iris.csv"), Path.Combine(folder, "iris.yaml"));
        await File.WriteAllBytesAsync(csv, Pipelines.Sample("iris"), Stop);
        await File.WriteAllTextAsync(spec, yaml, Stop);
        await using var host = await ServeAsync(Path.Combine(folder, "data"));
        await using var command = ServiceProcess.Start("Cli", ["datasets", "register", "iris", csv, "--spec", spec, "--follow", "--server", $"{host.Http}"]);
        (await command.ExitedAsync(Longest)).ShouldBe(expected, command.Output);
        command.Output.ShouldContain("iris version 1, 150 rows");
        command.Output.Split('\n')[^1].ShouldContain(told);
    }

    [Fact]
    public async Task Serve_OnADataDirInUse_SaysSoAndLeaves()
    {
        var folder = Servers.NewFolder("used");
        await using var first = await ServeAsync(folder);
        await using var second = ServiceProcess.Start("Standalone", ["serve", "--data-dir", folder, "--port", "0", "--grpc-port", "0"]);
        (await second.ExitedAsync(Longest)).ShouldBe(1);
        second.Output.ShouldContain("is in use by another process; give another --data-dir");
    }

    private static async Task<Served> ServeAsync(string folder)
    {
        var process = ServiceProcess.Start("Standalone", ["serve", "--data-dir", folder, "--port", "0", "--grpc-port", "0"]);
        var http = AddressIn(await process.PrintedAsync("pages", Longest));
        var grpc = AddressIn(await process.PrintedAsync("inference ", Longest));
        return new Served(process, http, grpc);
    }

    private static Uri AddressIn(string line)
    {
        var address = new Uri(line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Single(word => word.StartsWith("http", StringComparison.Ordinal)));
        return new Uri(address.GetLeftPart(UriPartial.Authority));
    }

    private sealed record Served(ServiceProcess Process, Uri Http, Uri Grpc) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => Process.DisposeAsync();
    }

    private sealed record Penguin(string Island, float? BillLengthMm, float? BillDepthMm, int? FlipperLengthMm, int? BodyMassG, string? Sex);

    private sealed record Species(string Label, float[] Probabilities);
}
