using System.Collections.Concurrent;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Hosting;

/// <summary>What becomes of events that nobody handles, or cannot: on a real RabbitMQ and PostgreSQL, and on the embedded default.</summary>
[Collection(nameof(Broker))]
public sealed class DeadLetterTests(Databases databases, Broker broker)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Publish_BeforeTheConsumerEverRan_WaitsForIt()
    {
        var settings = await SettingsAsync("Postgres");
        await Topology.DeployAsync(BusOf(settings), Stop);
        var registered = Registered();
        await using (var publisher = await StartAsync(settings, handle: null))
        {
            await publisher.PublishAsync(registered);
            await publisher.OutboxEmptyAsync();
        }
        var handled = new ConcurrentQueue<Guid>();
        await using var consumer = await StartAsync(settings, message => handled.Enqueue(message.EventId));
        await Servers.UntilAsync(() => Task.FromResult(!handled.IsEmpty), Longest, "the event's arrival");
        handled.ShouldBe([registered.EventId]);
    }

    [Theory]
    [InlineData("Postgres")]
    [InlineData("Sqlite")]
    public async Task Consume_Throws_IsRecordedWithItsReasonAndHandledOnceRedriven(string database)
    {
        var (broken, handled) = (true, new ConcurrentQueue<string>());
        await using var host = await StartAsync(await SettingsAsync(database), message =>
        {
            if (broken)
                throw new InvalidOperationException("the flux capacitor is empty");
            handled.Enqueue($"{message.Name} {message.Rows}");
        });
        var run = await host.AddRunAsync();
        await host.PublishAsync(Registered(run) with { Name = "iris", Rows = 150 });

        var letter = await host.DeadLetterAsync();
        (letter.Queue, letter.Type, letter.PipelineRunId, letter.State).ShouldBe(("mlops-accept-training", "DatasetRegistered", run, DeadLetterState.Waiting));
        letter.Reason.ShouldBe("the flux capacitor is empty");
        letter.Detail.ShouldContain(nameof(AcceptTraining));
        (await host.ReadAsync((db, token) => db.AuditEntries.Select(entry => entry.Action).ToListAsync(token))).ShouldContain("message.not-handled");
        await Servers.UntilAsync(() => Task.FromResult(!host.Failures.IsEmpty), Longest, "the run's failure");
        var failed = host.Failures.ShouldHaveSingleItem();
        (failed.PipelineRunId, failed.Stage, failed.Kind, failed.DeadLetterId).ShouldBe((run, letter.Queue, "NotHandled", letter.Id));

        broken = false;
        await host.Registry.WriteAsync((db, _) =>
        {
            host.Services.GetRequiredService<DeadLetters>().Redrive(db, letter, "ada", "filled it up");
            return Task.CompletedTask;
        }, Stop);
        await Servers.UntilAsync(() => Task.FromResult(!handled.IsEmpty), Longest, "the message's second arrival");
        handled.ShouldBe(["iris 150"]);
        (await host.ReadAsync((db, token) => db.DeadLetters.Select(row => row.State).ToListAsync(token))).ShouldBe([DeadLetterState.Redriven]);
    }

    /// <summary>As when two replicas of a service handle two events that lead to the same fact.</summary>
    [Theory]
    [InlineData("Postgres")]
    [InlineData("Sqlite")]
    public async Task Consume_SomebodyElseInsertedTheRowFirst_IsTriedAgain(string database)
    {
        var (refusal, handled) = ((Exception?)null, new ConcurrentQueue<Guid>());
        await using var host = await StartAsync(await SettingsAsync(database), message =>
        {
            if (Interlocked.Exchange(ref refusal, null) is { } refused)
                throw refused;
            handled.Enqueue(message.EventId);
        });
        var dataset = SampleFacts.Dataset(host.Registry);
        await host.InsertAsync(dataset);
        refusal = await Should.ThrowAsync<Exception>(() => host.InsertAsync(dataset));
        var registered = Registered();
        await host.PublishAsync(registered);

        await Servers.UntilAsync(() => Task.FromResult(!handled.IsEmpty), Longest, "the event's second try");
        handled.ShouldBe([registered.EventId]);
        (await host.ReadAsync((db, token) => db.DeadLetters.AnyAsync(token))).ShouldBeFalse();
    }

    [Fact]
    public async Task Consume_UnknownContractVersion_IsRecordedAndTheOthersGoOn()
    {
        var handled = new ConcurrentQueue<string>();
        await using var host = await StartAsync(await SettingsAsync("Postgres"), message => handled.Enqueue(message.Name));
        await host.PublishAsync(Registered() with { Name = "newer", ContractVersion = ContractVersions.Current + 1 });
        await host.Services.GetRequiredService<IBus>().Publish(new WithANewField { EventId = NewId.NextGuid(), Name = "extended", Surprise = "a field of tomorrow" }, Stop);

        var letter = await host.DeadLetterAsync();
        letter.Reason.ShouldBe("DatasetRegistered has contract version 2; 1 to 1 are known here: deploy a newer build and send it again");
        await Servers.UntilAsync(() => Task.FromResult(!handled.IsEmpty), Longest, "the other event's arrival");
        handled.ShouldBe(["extended"]);
    }

    [Fact]
    public async Task Consume_BytesThatAreNoMessage_AreRecordedAsTheyWere()
    {
        await using var host = await StartAsync(await SettingsAsync("Postgres"), _ => { });
        var queue = await host.Services.GetRequiredService<IBus>().GetSendEndpoint(new Uri("exchange:mlops-accept-training"));
        await queue.Send(new WithANewField { Name = "" }, Pipe.Execute<SendContext>(context => context.Serializer = new Garbage()), Stop);

        var letter = await host.DeadLetterAsync();
        (letter.Type, letter.PipelineRunId).ShouldBe(("", null));
        letter.Body.ShouldBe(Garbage.Bytes);
    }

    private static DatasetRegistered Registered(Guid? run = null) => new()
    {
        EventId = NewId.NextGuid(),
        OccurredAt = SampleFacts.At,
        PipelineRunId = run,
        DatasetVersionId = NewId.NextGuid(),
        Name = "iris",
        Version = 1,
        Digest = new string('d', 64),
        Rows = 150,
    };

    private async Task<Dictionary<string, string?>> SettingsAsync(string database)
    {
        var settings = new Dictionary<string, string?>();
        if (database == "Sqlite")
        {
            var folder = Servers.NewFolder("dead-letters");
            settings["Registry:ConnectionString"] = $"Data Source={Path.Combine(folder, "registry.db")};Pooling=False";
        }
        else
        {
            foreach (var (name, value) in broker.Rabbit.Settings())
                settings[name] = value;
            settings["Registry:Provider"] = "Postgres";
            settings["Registry:ConnectionString"] = await databases.Postgres.CreateDatabaseAsync();
            await using var registry = TestRegistry.OpenPostgres(settings["Registry:ConnectionString"]!);
            await registry.Schema.MigrateAsync(Stop);
        }
        settings["Artifacts:Root"] = Servers.NewFolder("artifacts");
        return settings;
    }

    private static BusOptions BusOf(Dictionary<string, string?> settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings).Build().GetSection("Bus").Get<BusOptions>()!;

    private static async Task<Host> StartAsync(Dictionary<string, string?> settings, Action<DatasetRegistered>? handle)
    {
        var builder = MlopsHost.CreateBuilder([], "test", new ListenOptions());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.Logging.ClearProviders();
        if (handle is not null)
        {
            builder.Services.AddSingleton(handle);
            builder.Services.AddEventConsumer<AcceptTraining>();
        }
        builder.Services.AddSingleton<ConcurrentQueue<PipelineFailed>>();
        builder.Services.AddEventConsumer<RecordOutcome>();
        builder.Services.AddDeadLetterRecorder();
        var app = builder.BuildMlops();
        await app.StartAsync(Stop);
        // What is sent to an exchange before its queue is bound goes nowhere.
        (await app.Services.GetRequiredService<IBusControl>().WaitForHealthStatus(BusHealthStatus.Healthy, Longest)).ShouldBe(BusHealthStatus.Healthy);
        return new Host(app);
    }

    /// <summary>Named like the trainer's, so that it has its queue.</summary>
    private sealed class AcceptTraining(Action<DatasetRegistered> handle) : IConsumer<DatasetRegistered>
    {
        public Task Consume(ConsumeContext<DatasetRegistered> context)
        {
            handle(context.Message);
            return Task.CompletedTask;
        }
    }

    /// <summary>Named like the governance service's.</summary>
    private sealed class RecordOutcome(ConcurrentQueue<PipelineFailed> failures) : IConsumer<PipelineFailed>
    {
        public Task Consume(ConsumeContext<PipelineFailed> context)
        {
            failures.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }

    private sealed class Garbage : IMessageSerializer
    {
        public static readonly byte[] Bytes = [0xFF, 0x00, (byte)'{', 0x80];

        public System.Net.Mime.ContentType ContentType { get; } = new("application/vnd.masstransit+json");

        public MessageBody GetMessageBody<T>(SendContext<T> context)
            where T : class
            => new BytesMessageBody(Bytes);
    }

    private sealed class Host(WebApplication app) : IAsyncDisposable
    {
        public IServiceProvider Services => app.Services;

        public RegistryStore Registry => app.Services.GetRequiredService<RegistryStore>();

        public ConcurrentQueue<PipelineFailed> Failures => app.Services.GetRequiredService<ConcurrentQueue<PipelineFailed>>();

        public Task<T> ReadAsync<T>(Func<RegistryDbContext, CancellationToken, Task<T>> query) => Registry.ReadAsync(query, Stop);

        public Task PublishAsync(object message) => Registry.WriteAsync((db, _) =>
        {
            db.Publish(message);
            return Task.CompletedTask;
        }, Stop);

        public async Task<Guid> AddRunAsync()
        {
            var dataset = SampleFacts.Dataset(Registry);
            var run = SampleFacts.Run(Registry, dataset);
            await InsertAsync(dataset, run);
            return run.Id;
        }

        public Task InsertAsync(params object[] rows) => Registry.WriteAsync((db, _) =>
        {
            db.Insert(rows);
            return Task.CompletedTask;
        }, Stop);

        public Task OutboxEmptyAsync() =>
            Servers.UntilAsync(async () => !await ReadAsync((db, token) => db.OutboxMessages.AnyAsync(token)), Longest, "the outbox's end");

        public async Task<DeadLetter> DeadLetterAsync()
        {
            DeadLetter? letter = null;
            await Servers.UntilAsync(async () => (letter = await ReadAsync((db, token) => db.DeadLetters.SingleOrDefaultAsync(token))) is not null, Longest, "the failed message's record");
            return letter!;
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
        }
    }
}

/// <summary>A data set's registration as a later build may publish it. Public, because the bus takes others for temporary.</summary>
[MessageUrn("Mlops.Contracts.Events:DatasetRegistered")]
[EntityName("Mlops.Contracts.Events:DatasetRegistered")]
public sealed record WithANewField
{
    public Guid EventId { get; init; }

    public DateTimeOffset OccurredAt { get; init; } = SampleFacts.At;

    public Guid DatasetVersionId { get; init; }

    public string Name { get; init; } = "";

    public int Version { get; init; } = 1;

    public string Digest { get; init; } = "";

    public long Rows { get; init; }

    public string Surprise { get; init; } = "";
}
