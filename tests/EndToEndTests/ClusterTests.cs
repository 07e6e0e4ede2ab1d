using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Client;
using Mlops.Registry;
using Mlops.Registry.Audit;
using Mlops.Registry.Facts;
using Mlops.Registry.Lineage;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.EndToEndTests;

/// <summary>The six services as six processes, on a real RabbitMQ and a real PostgreSQL.</summary>
public sealed class ClusterTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);

    [Fact]
    public async Task Iris_RegisteredThroughTheApi_IsServedAndLeadsBackToItsBytes()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var postgres = await PostgresServer.StartAsync();
        await using var rabbit = await RabbitServer.StartAsync();

        // 1. Six processes that know of each other nothing but the broker, the registry and the artifact folder; each may
        //    write there what is its own.
        await using var cluster = await ServiceCluster.StartAsync(postgres, rabbit, ServiceCluster.AllServices);
        var registry = cluster.Registry;

        // 2. An engineer registers; the rest happens.
        var csv = Pipelines.Sample("iris");
        var run = await Pipelines.RegisterAsync(cluster["Datasets"], "iris", csv,
            """{"task":"classification","target":"class","model":{"type":"mlp"},"evaluation":{"gates":[{"metric":"accuracy","min":0.8}]}}""", stop);
        var outcome = await Pipelines.OutcomeAsync(registry.Store, run, Longest, stop);
        outcome.Served.ShouldBeTrue($"{outcome.Reason}\n{cluster.Output}");

        // 3. A product service asks.
        using var client = new InferenceClient(cluster.Grpc);
        var prediction = await client.PredictAsync("iris", [[5.1f, 3.5f, 1.4f, 0.2f], [6.3f, 3.3f, 6.0f, 2.5f]], cancellationToken: stop);
        prediction.Rows.Select(row => row.Label).ShouldBe(["setosa", "virginica"]);
        prediction.PipelineRunId.ShouldBe(run);

        // 4. An auditor traces the answer to the data, and checks that nothing was changed.
        var graph = await registry.Store.ReadAsync(async (db, token) =>
        {
            var version = await db.ModelVersions.SingleAsync(row => row.Digest == prediction.ArtifactDigest, token);
            return await LineageQuery.TraceAsync(db, FactKind.ModelVersion, version.Id, LineageDirection.Up, token);
        }, stop);
        graph.Nodes.Single(node => node.Kind == FactKind.DatasetVersion).Digest.ShouldBe(ContentDigest.Of(csv).ToString());
        var audit = await registry.Store.ReadAsync(AuditChain.VerifyAsync, stop);
        (audit.BrokenAt, audit.Entries >= 10).ShouldBe((null, true));

        // 5. Each stage happened exactly once, and nothing waits to be sent.
        var methods = await registry.Store.ReadAsync((db, token) =>
            db.ModelVersions.Where(row => row.PipelineRunId == run).Select(row => row.Method).ToListAsync(token), stop);
        methods.ShouldBe([ModelVersion.Original, "int8-dynamic", "float16"], ignoreOrder: true);
        (await registry.Store.ReadAsync((db, token) => db.OutboxMessages.CountAsync(token), stop)).ShouldBe(0);

        // 6. A person tries another version, which callers notice by its number alone, and promotes it.
        await TryAnotherVersionAsync(cluster, client, run, prediction, stop);

        // 7. The same file as a model from elsewhere: judged on the same data, and served under its own name.
        await RegisterModelAsync(cluster, client, stop);
    }

    private static async Task RegisterModelAsync(ServiceCluster cluster, InferenceClient client, CancellationToken stop)
    {
        using var governance = new HttpClient { BaseAddress = cluster["Governance"] };
        using var platform = new PlatformClient(cluster["Governance"], cluster["Datasets"]);
        await using var file = await governance.GetStreamAsync(new Uri("/models/iris/versions/1/content", UriKind.Relative), stop);
        var registered = await platform.RegisterModelAsync("flora", file, new ModelRegistration
        {
            Actor = "Ada",
            Source = "another team",
            License = "Apache-2.0",
            Task = "classification",
            Columns = new Dictionary<string, IReadOnlyList<string>> { ["features"] = ["sepal_length", "sepal_width", "petal_length", "petal_width"] },
            Classes = ["setosa", "versicolor", "virginica"],
        }, stop);
        var run = await platform.StartRunWithModelAsync("iris", 1, """{"task":"classification","target":"class"}""", "flora", registered.Version, stop);
        var outcome = await Pipelines.OutcomeAsync(cluster.Registry.Store, run, Longest, stop);
        outcome.Served.ShouldBeTrue($"{outcome.Reason}\n{cluster.Output}");
        (await client.PredictAsync("flora", [[5.1f, 3.5f, 1.4f, 0.2f]], cancellationToken: stop)).Rows.ShouldHaveSingleItem().Label.ShouldBe("setosa");
        (await governance.GetStringAsync(new Uri("/models/flora/versions/2", UriKind.Relative), stop)).ShouldContain("\"license\":\"Apache-2.0\"");
    }

    private static async Task TryAnotherVersionAsync(ServiceCluster cluster, InferenceClient client, Guid run, Prediction champion, CancellationToken stop)
    {
        using var governance = new HttpClient { BaseAddress = cluster["Governance"] };
        var store = cluster.Registry.Store;
        var other = await store.ReadAsync((db, token) => (
            from version in db.ModelVersions
            where version.PipelineRunId == run && version.Digest != champion.ArtifactDigest && db.EvaluationReports.Any(report => report.ModelVersionId == version.Id && report.Passed)
            select version).FirstAsync(token), stop);
        using var started = await governance.PostAsJsonAsync("/models/iris/rollouts",
            new { version = other.Version, mode = "canary", weight = 0.5, actor = "Ada", reason = "try it", objectives = new { maxLatencyRatio = (double?)null, minRequests = 1_000_000 } }, stop);
        started.StatusCode.ShouldBe(HttpStatusCode.OK, await started.Content.ReadAsStringAsync(stop));
        var rollout = (await started.Content.ReadFromJsonAsync<JsonElement>(stop)).GetProperty("id").GetGuid();

        // Both answer, what they do is told to the registry, and what is told is judged.
        var answered = new HashSet<string>();
        await Servers.UntilAsync(async () =>
        {
            for (var asked = 0; asked < 20; asked++)
                answered.Add((await client.PredictAsync("iris", [[5.1f, 3.5f, 1.4f, 0.2f]], cancellationToken: stop)).ModelVersion);
            return answered.Count == 2 && await store.ReadAsync((db, token) => db.InboxMessages.AnyAsync(message => message.Consumer == "JudgeRollout"
                && db.RolloutObservations.Any(seen => seen.RolloutId == rollout), token), stop);
        }, Longest, "the rollout's observation");

        using var finished = await governance.PostAsJsonAsync($"/rollouts/{rollout}/finish", new { actor = "Ada", reason = "it holds" }, stop);
        finished.StatusCode.ShouldBe(HttpStatusCode.OK, await finished.Content.ReadAsStringAsync(stop));
        await Servers.UntilAsync(async () =>
            (await client.PredictAsync("iris", [[5.1f, 3.5f, 1.4f, 0.2f]], cancellationToken: stop)).ArtifactDigest == other.Digest
            && !await store.ReadAsync((db, token) => ActiveRollouts.Of(db).AnyAsync(token), stop), Longest, "the other version");
        (await store.ReadAsync(AuditChain.VerifyAsync, stop)).BrokenAt.ShouldBeNull();
    }

    [Fact]
    public async Task Service_OnASchemaThatItDoesNotKnow_LeavesAndSaysWhatToDo()
    {
        await using var postgres = await PostgresServer.StartAsync();
        await using var service = ServiceProcess.Start("Evaluator", [], [
            .. RegistrySettings.OfOwner(await postgres.CreateDatabaseAsync()),
            new("Artifacts:Root", Servers.NewFolder("artifacts")),
            new("Listen:Http", "0"),
        ]);
        (await service.ExitedAsync(Longest)).ShouldNotBe(0);
        service.Output.ShouldContain("run the migrate command of the governance service first");
    }

    [Fact]
    public async Task Service_WithWrongSettings_TellsAllOfThemAndLeaves()
    {
        await using var service = ServiceProcess.Start("Evaluator", [], [new("Bus:Port", "0"), new("Bus:Host", "")]);
        (await service.ExitedAsync(Longest)).ShouldBe(1);
        service.Output.Split('\n').Where(line => line.StartsWith("configuration: ", StringComparison.Ordinal)).ShouldBe([
            "configuration: DataAnnotation validation failed for 'RegistryOptions' members: 'ConnectionString' with the error: 'The ConnectionString field is required.'.",
            "configuration: DataAnnotation validation failed for 'ArtifactOptions' members: 'Root' with the error: 'The Root field is required.'.",
            "configuration: DataAnnotation validation failed for 'BusOptions' members: 'Host' with the error: 'The Host field is required.'.",
            "configuration: DataAnnotation validation failed for 'BusOptions' members: 'Port' with the error: 'The field Port must be between 1 and 65535.'.",
        ], ignoreOrder: true);
    }
}
