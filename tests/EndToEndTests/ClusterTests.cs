using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Client;
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
    private static readonly string[] Services = ["Datasets", "Trainer", "Evaluator", "Compressor", "Governance", "Inference"];

    [Fact]
    public async Task Iris_RegisteredThroughTheApi_IsServedAndLeadsBackToItsBytes()
    {
        var stop = TestContext.Current.CancellationToken;
        await using var postgres = await PostgresServer.StartAsync();
        await using var rabbit = await RabbitServer.StartAsync();
        var database = await postgres.CreateDatabaseAsync();
        await using var registry = TestRegistry.OpenPostgres(database);
        var (artifacts, http, grpc) = (Servers.NewFolder("artifacts"), Services.ToDictionary(name => name, _ => Servers.FreePort()), Servers.FreePort());
        await using var services = new ProcessGroup();
        KeyValuePair<string, string>[] settings = [.. rabbit.Settings(), new("Artifacts:Root", artifacts)];

        // 0. The deploy step; without it no service starts.
        await using var tooEarly = ServiceProcess.Start("Evaluator", [], [.. settings, .. RegistrySettings.OfOwner(database), new("Listen:Http", "0")]);
        (await tooEarly.ExitedAsync(Longest)).ShouldNotBe(0);
        tooEarly.Output.ShouldContain("run the migrate command of the governance service first");
        await using var migrate = ServiceProcess.Start("Governance", ["migrate"], [.. settings, .. RegistrySettings.OfOwner(database)]);
        (await migrate.ExitedAsync(Longest)).ShouldBe(0, migrate.Output);

        // 1. Six processes that know of each other nothing but the broker, the registry and the artifact folder; each may
        //    write there what is its own.
        foreach (var name in Services)
            services.Add(ServiceProcess.Start(name, [], [
                .. settings,
                .. RegistrySettings.OfService(database, name),
                new("Listen:Http", $"{http[name]}"),
                .. name == "Inference" ? new KeyValuePair<string, string>[] { new("Listen:Grpc", $"{grpc}") } : [],
            ]));
        foreach (var service in services.All)
            await service.ReadyAsync(new Uri($"http://127.0.0.1:{http[service.Name]}"), Longest);

        // 2. An engineer registers; the rest happens.
        var csv = Pipelines.Sample("iris");
        var run = await Pipelines.RegisterAsync(new Uri($"http://127.0.0.1:{http["Datasets"]}"), "iris", csv,
            """{"task":"classification","target":"class","evaluation":{"gates":[{"metric":"accuracy","min":0.8}]}}""", stop);
        var outcome = await Pipelines.OutcomeAsync(registry.Store, run, Longest, stop);
        outcome.Served.ShouldBeTrue($"{outcome.Reason}\n{services.Output}");

        // 3. A product service asks.
        using var client = new InferenceClient(new Uri($"http://127.0.0.1:{grpc}"));
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

    private sealed class ProcessGroup : IAsyncDisposable
    {
        private readonly List<ServiceProcess> _processes = [];

        public IReadOnlyList<ServiceProcess> All => _processes;

        public string Output => string.Join('\n', _processes.Select(process => $"== {process.Name}\n{process.Output}"));

        public void Add(ServiceProcess process) => _processes.Add(process);

        public async ValueTask DisposeAsync()
        {
            foreach (var process in _processes)
                await process.DisposeAsync();
        }
    }
}
