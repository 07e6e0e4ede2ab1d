using System.Net;
using System.Text;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Mlops.Artifacts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Rollouts;
using Mlops.Contracts.Spec;
using Mlops.Governance;
using Mlops.Governance.Reproductions;
using Mlops.Governance.Rollouts;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.UnitTests.Datasets;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>
/// Everything that consumers, workers and the outbox did for five runs: one that is served, one that fails its gate, one that is
/// cross-validated, one that searches and one whose training fails; for a rollout that is rolled back, and for a training and a compression that are done again. Each stands with the state in which it was done, so that it can be
/// done again.
/// </summary>
public sealed class PipelineRecording : IAsyncLifetime
{
    private const string Served =
        """{"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":3},"compression":{"methods":["float16"]}}""";

    private const string Gated =
        """
        {"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":1},
         "evaluation":{"gates":[{"metric":"accuracy","max":0}]}}
        """;

    private const string Folded =
        """
        {"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":1},"crossValidation":{"folds":2},
         "compression":{"methods":[]},"promotion":{"mode":"manual"}}
        """;

    private const string Searched =
        """
        {"task":"classification","target":"kind","model":{"hidden":[4]},"training":{"epochs":2},
         "search":{"trials":2,"parallel":1,"space":{"optimizer.learningRate":{"min":0.001,"max":0.1}},"pruning":{"minEpochs":1}},
         "compression":{"methods":[]},"promotion":{"mode":"manual"}}
        """;

    private const string WithoutSplit = """{"task":"classification","target":"kind","split":{"seed":7}}""";

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-recording-").FullName;
    private readonly List<Delivery> _deliveries = [];
    private IReadOnlyList<ConsumerRegistration> _consumers = [];
    private IReadOnlyList<Type> _handlers = [];
    private Guid _run;
    private DateTimeOffset _now = TimeProvider.System.GetUtcNow();

    internal IReadOnlyList<Delivery> Deliveries => _deliveries;

    private string Live => Path.Combine(_folder, "live");

    public async ValueTask InitializeAsync()
    {
        await SeedAsync();
        await SettleAsync();
        await RollOutAsync();
        await SettleAsync();
        await BeginWithAModelAsync();
        await SettleAsync();
        await ReproduceAsync();
        await SettleAsync();
        var failed = NotHandled(_run);
        await RecordAsync(nameof(DeadLetters), process => process.RecordDeadLetterAsync(failed));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>The types of events that a consumer takes.</summary>
    internal static IEnumerable<Type> EventsOf(Type consumer) =>
        from contract in consumer.GetInterfaces()
        where contract.IsGenericType && contract.GetGenericTypeDefinition() == typeof(IConsumer<>)
        select contract.GetGenericArguments()[0];

    internal static string NameOf(Type consumer, Type eventType) => $"{consumer.Name} of {eventType.Name}";

    /// <summary>The state in which the dataset service leaves the runs.</summary>
    private async Task SeedAsync()
    {
        await using (var server = await DatasetsServer.StartAsync())
        {
            (await server.RegisterAsync("flowers", Flowers.Csv, Served)).Status.ShouldBe(HttpStatusCode.Created);
            foreach (var spec in new[] { Gated, Folded, Searched, WithoutSplit })
            {
                var answer = await server.PostAsync("/datasets/flowers/versions/1/runs", new StringContent(spec, Encoding.UTF8, "application/json"));
                answer.Status.ShouldBe(HttpStatusCode.Accepted);
            }
            // Without its split, the last one cannot be trained.
            var runs = (await server.RowsAsync<PipelineRun>()).OrderBy(run => run.CreatedAt).ToList();
            _run = runs[0].Id;
            await server.Artifacts.DeleteAsync(ContentDigest.Parse(runs[^1].SplitDigest), TestContext.Current.CancellationToken);
            await server.StopAsync();
            Folders.Copy(Path.GetDirectoryName(server.ArtifactFolder)!, Live);
        }
        _now = TimeProvider.System.GetUtcNow();
        await using var process = SimulatedProcess.Start(Live, CrashPlan.Never, _now);
        (_consumers, _handlers) = (process.Consumers, process.Handlers);
        // Its bus had nobody to give the events to.
        await process.RedriveAsync();
    }

    private async Task SettleAsync()
    {
        while (await PublishAndConsumeAsync() | await WorkAsync())
        {
        }
    }

    /// <summary>A person tries the version that was not chosen, and a replica sees that it answers nobody.</summary>
    private async Task RollOutAsync()
    {
        _now += TimeSpan.FromMinutes(1);
        await using var process = SimulatedProcess.Start(Live, CrashPlan.Never, _now);
        await process.Registry.WriteAsync(async (db, token) =>
        {
            var champion = await Champions.Of(db).Select(promotion => promotion.ModelVersionId).SingleAsync(token);
            var other = await db.ModelVersions.SingleAsync(version => version.PipelineRunId == _run && version.Id != champion, token);
            // Time passes quickly here.
            var request = new RolloutRequest(other.Version, RolloutMode.Canary, 0.5, new RolloutObjectives { WindowSeconds = 86_400 }, null, null);
            var rollout = await StartRollout.StartAsync(db, process.Registry, other.Name, request, new Decision("Ada", "a test"), token);
            var observation = new RolloutObservation
            {
                Id = process.Registry.NewId(),
                RolloutId = rollout.Id,
                Replica = "a replica",
                Champion = Observed(errors: 0),
                Candidate = Observed(errors: 10),
                Compared = 0,
                Differing = 0,
                CreatedAt = process.Registry.Now(),
            };
            db.Insert(observation);
            db.Publish(new RolloutObserved
            {
                EventId = process.Registry.NewId(),
                OccurredAt = observation.CreatedAt,
                RolloutId = rollout.Id,
                ObservationId = observation.Id,
                Replica = observation.Replica,
            });
        }, TestContext.Current.CancellationToken);
    }

    /// <summary>A run that begins with a model that was made elsewhere: here, one with the first run's bytes.</summary>
    private async Task BeginWithAModelAsync()
    {
        _now += TimeSpan.FromMinutes(1);
        await using var process = SimulatedProcess.Start(Live, CrashPlan.Never, _now);
        await process.Registry.WriteAsync(async (db, token) =>
        {
            var (registry, now) = (process.Registry, process.Registry.Now());
            var first = await db.PipelineRuns.SingleAsync(run => run.Id == _run, token);
            var original = await db.ModelVersions.SingleAsync(version => version.PipelineRunId == _run && version.ParentId == null, token);
            var origin = new ExternalRun { Id = registry.NewId(), Name = "given", Source = "a test", Parameters = "{}", StartedAt = now, CreatedAt = now };
            var version = new ModelVersion
            {
                Id = registry.NewId(),
                Name = "given",
                Version = 1,
                Digest = original.Digest,
                Bytes = original.Bytes,
                Signature = original.Signature,
                Method = ModelVersion.Original,
                ExternalRunId = origin.Id,
                CreatedAt = now,
            };
            // Promoted by nobody: a replica that begins anew would serve two models, and one that goes on the other alone.
            var spec = (PipelineSpec.Parse(first.Spec, "given") with { Promotion = new PromotionSpec { Mode = PromotionMode.Manual } }).ToJson();
            var run = new PipelineRun
            {
                Id = registry.NewId(),
                Name = "given",
                DatasetVersionId = first.DatasetVersionId,
                Spec = spec,
                SpecDigest = $"{ContentDigest.Of(Encoding.UTF8.GetBytes(spec))}",
                SplitDigest = first.SplitDigest,
                CreatedAt = now,
            };
            db.Insert(origin, version, run);
            db.Audit("Ada", "model.registered", version.Id, new { version.Name });
            db.Audit("datasets", "pipeline.started", run.Id, new { run.Name });
            db.Publish(new EvaluationRequested
            {
                EventId = registry.NewId(),
                OccurredAt = now,
                PipelineRunId = run.Id,
                DatasetVersionId = run.DatasetVersionId,
                SpecDigest = run.SpecDigest,
                ModelVersionId = version.Id,
            });
        }, TestContext.Current.CancellationToken);
    }

    /// <summary>A person has the variant of the first run's model made again, from its training on.</summary>
    private async Task ReproduceAsync()
    {
        _now += TimeSpan.FromMinutes(1);
        await using var process = SimulatedProcess.Start(Live, CrashPlan.Never, _now);
        await process.Registry.WriteAsync(async (db, token) =>
        {
            var original = await db.ModelVersions.SingleAsync(version => version.PipelineRunId == _run && version.ParentId == null, token);
            var variant = await db.ModelVersions.SingleAsync(version => version.ParentId == original.Id, token);
            await RequestReproduction.RequestAsync(db, process.Registry, new RequestReproduction.Asked(original, variant), new Decision("Ada", "a test"), token);
        }, TestContext.Current.CancellationToken);
    }

    private static ObservedAnswers Observed(long errors) =>
        new() { Requests = 10, Errors = errors, Latency = new Dictionary<int, long>(), Outputs = new Dictionary<string, ObservedOutput>() };

    private async Task<bool> PublishAndConsumeAsync()
    {
        var published = await RecordAsync(nameof(Outbox), process => process.DispatchAsync());
        foreach (var message in published)
        {
            var type = EventTypes.TypeOf(message.Type);
            foreach (var (consumer, perReplica) in _consumers.Where(registration => EventsOf(registration.Consumer).Contains(type)))
                await RecordAsync(
                    NameOf(consumer, type),
                    process => process.ConsumeAsync(consumer, type, message.Id, message.Body),
                    perReplica ? (SimulatedProcess process) => process.ServeAsync() : null);
        }
        return published.Count > 0;
    }

    private async Task<bool> WorkAsync()
    {
        var before = _deliveries.Count;
        foreach (var handler in _handlers)
            await RecordAsync(handler.Name, process => process.WorkAsync(handler));
        return _deliveries.Count > before;
    }

    /// <summary>Does something, and keeps it with the state from which it was done if there was anything to do.</summary>
    /// <returns>What was published.</returns>
    private async Task<IReadOnlyList<OutboxMessage>> RecordAsync(
        string handler, Func<SimulatedProcess, Task<bool>> runAsync, Func<SimulatedProcess, Task>? recoverAsync = null)
    {
        // Later than anything that was put back, so that it is due.
        _now += TimeSpan.FromMinutes(1);
        var origin = Path.Combine(_folder, $"{_deliveries.Count}");
        Folders.Copy(Live, origin);
        await using var process = SimulatedProcess.Start(Live, CrashPlan.Never, _now);
        if (await runAsync(process))
            _deliveries.Add(new Delivery(handler, origin, _now, runAsync) { RecoverAsync = recoverAsync ?? runAsync, MayRepeat = recoverAsync is not null });
        else
            Directory.Delete(origin, recursive: true);
        return process.Published;
    }

    /// <summary>A message about a run that no consumer could handle.</summary>
    private static FailedMessage NotHandled(Guid runId)
    {
        var envelope = new { messageId = new Guid("019a0000-0000-7000-8000-000000000001"), messageType = new[] { "urn:message:Mlops.Contracts.Events:ModelEvaluated" }, message = new { pipelineRunId = runId } };
        return new FailedMessage("mlops-consider-promotion", "2026-01-02", "a reason", "a stack", "application/vnd.masstransit+json", JsonSerializer.SerializeToUtf8Bytes(envelope));
    }
}
