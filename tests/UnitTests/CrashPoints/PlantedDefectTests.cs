using System.Text.Json;
using MassTransit;
using Mlops.Artifacts;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>The proof finds what it is there to find: each of these loses or repeats something when it is killed at the right step.</summary>
public sealed class PlantedDefectTests
{
    private const string Kind = "do-something-wrong";
    private static readonly Guid Subject = new("019a0000-0000-7000-8000-000000000002");
    private static readonly DateTimeOffset At = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task Consumer_NotesTheEventBeforeItHandlesIt_LosesIt() =>
        (await ProveConsumerAsync<NotesFirst>()).Violations.ShouldContain(violation => violation.Contains("after the commit") && violation.Contains("0 times instead of 1: audit_entries"));

    [Fact]
    public async Task Consumer_NotesTheEventAfterItHandledIt_HandlesItTwice() =>
        (await ProveConsumerAsync<NotesLast>()).Violations.ShouldContain(violation => violation.Contains("after the commit") && violation.Contains("2 times instead of 1: audit_entries"));

    [Fact]
    public async Task Worker_WritesItsFactsBeforeItEndsTheWork_WritesThemTwice() =>
        (await ProveWorkerAsync<WritesFirst>()).Violations.ShouldContain(violation => violation.Contains("2 times instead of 1: audit_entries"));

    [Fact]
    public async Task Worker_StoresItsArtifactAfterItEndedTheWork_LosesIt() =>
        (await ProveWorkerAsync<StoresLast>()).Violations.ShouldContain(violation => violation.Contains("is referenced, but not there"));

    [Fact]
    public async Task Worker_DoesItRight_ShowsNothing()
    {
        var proof = await ProveWorkerAsync<StoresFirst>();
        proof.Violations.ShouldBeEmpty();
        // The claim; three about the artifact; ending the work, adding the fact, the commit's two sides; a claim that finds nothing.
        proof.Points.ShouldBe(9);
    }

    private static Task<CrashProof> ProveConsumerAsync<TConsumer>()
        where TConsumer : IConsumer<PipelineFailed>
    {
        var failed = new PipelineFailed
        {
            EventId = Subject,
            OccurredAt = At,
            PipelineRunId = Subject,
            Stage = "train-model",
            Kind = "Invalid",
            Reason = "a reason",
        };
        var body = JsonSerializer.Serialize(failed, SpecJson.Canonical);
        return ProveAsync(
            _ => Task.CompletedTask,
            origin => new Delivery(typeof(TConsumer).Name, origin, At, process => process.ConsumeAsync(typeof(TConsumer), typeof(PipelineFailed), failed.EventId, body)));
    }

    private static Task<CrashProof> ProveWorkerAsync<THandler>()
        where THandler : class, IWorkHandler
        => ProveAsync(
            registry => registry.WriteAsync(
                (db, token) => new WorkQueue(registry).EnqueueAsync(db, Kind, Subject, Subject, WorkerCapabilities.Cpu, token), TestContext.Current.CancellationToken),
            origin => new Delivery(typeof(THandler).Name, origin, At, process => process.WorkAsync(typeof(THandler))) { Configure = services => services.AddWork<THandler>() });

    /// <summary>Proves a delivery from a registry that has nothing but what is prepared.</summary>
    private static async Task<CrashProof> ProveAsync(Func<RegistryStore, Task> prepare, Func<string, Delivery> deliver)
    {
        var origin = Directory.CreateTempSubdirectory("mlops-planted-").FullName;
        try
        {
            await using (var process = SimulatedProcess.Start(origin, CrashPlan.Never, At))
            {
                await process.MigrateAsync();
                await prepare(process.Registry);
            }
            return await CrashProof.OfAsync(deliver(origin));
        }
        finally
        {
            Directory.Delete(origin, recursive: true);
        }
    }

    private static Task Handle(RegistryDbContext db, CancellationToken cancellationToken)
    {
        db.Audit("test", "something.done", Subject, new { });
        return Task.CompletedTask;
    }

    private sealed class NotesFirst(RegistryStore registry) : IConsumer<PipelineFailed>
    {
        public async Task Consume(ConsumeContext<PipelineFailed> context)
        {
            if (await registry.WriteAsync((db, token) => Inbox.TryBeginAsync(db, nameof(NotesFirst), Subject, registry.Now(), token), context.CancellationToken))
                await registry.WriteAsync(Handle, context.CancellationToken);
        }
    }

    private sealed class NotesLast(RegistryStore registry) : IConsumer<PipelineFailed>
    {
        public async Task Consume(ConsumeContext<PipelineFailed> context)
        {
            await registry.WriteAsync(Handle, context.CancellationToken);
            await registry.WriteAsync((db, token) => Inbox.TryBeginAsync(db, nameof(NotesLast), Subject, registry.Now(), token), context.CancellationToken);
        }
    }

    private sealed class WritesFirst : IWorkHandler
    {
        string IWorkHandler.Kind => PlantedDefectTests.Kind;

        public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
        {
            await work.WriteAsync(Handle, cancellationToken);
            await work.CompleteAsync((_, _) => Task.CompletedTask, cancellationToken);
        }
    }

    private sealed class StoresLast(RegistryStore registry, IArtifactStore artifacts) : IWorkHandler
    {
        string IWorkHandler.Kind => PlantedDefectTests.Kind;

        public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
        {
            byte[] model = [1, 2, 3];
            await work.CompleteAsync((db, _) => Register(db, registry, ContentDigest.Of(model)), cancellationToken);
            await artifacts.PutAsync(model, cancellationToken);
        }
    }

    private sealed class StoresFirst(RegistryStore registry, IArtifactStore artifacts) : IWorkHandler
    {
        string IWorkHandler.Kind => PlantedDefectTests.Kind;

        public async Task RunAsync(WorkContext work, CancellationToken cancellationToken)
        {
            var stored = await artifacts.PutAsync((byte[])[1, 2, 3], cancellationToken);
            await work.CompleteAsync((db, _) => Register(db, registry, stored.Digest), cancellationToken);
        }
    }

    private static Task Register(RegistryDbContext db, RegistryStore registry, ContentDigest digest)
    {
        db.ModelVersions.Add(new ModelVersion
        {
            Id = registry.NewId(),
            Name = "planted",
            Version = 1,
            Digest = digest.ToString(),
            Bytes = 3,
            Signature = new ModelSignature { Task = TaskKind.Regression, Inputs = [], Outputs = [], Classes = [] },
            Method = ModelVersion.Original,
            CreatedAt = registry.Now(),
        });
        return Task.CompletedTask;
    }
}
