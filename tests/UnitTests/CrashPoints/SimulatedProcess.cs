using System.Reflection;
using System.Text.Json;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Mlops.Artifacts;
using Mlops.Compressor;
using Mlops.Contracts.Spec;
using Mlops.Evaluator;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Mlops.Trainer;
using Xunit;

namespace Mlops.UnitTests.CrashPoints;

/// <summary>
/// One life of a process with all services, on a folder that outlives it. Nothing in it runs by itself: messages are handed
/// to consumers, work to workers and events to a bus one at a time, so that its steps come in order.
/// </summary>
internal sealed class SimulatedProcess : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly CrashPlan _plan;
    private readonly List<Type> _handlers;

    private SimulatedProcess(WebApplication app, CrashPlan plan, List<Type> handlers) => (_app, _plan, _handlers) = (app, plan, handlers);

    public RegistryStore Registry => _app.Services.GetRequiredService<RegistryStore>();

    /// <summary>The consumers of all services.</summary>
    public IReadOnlyList<ConsumerRegistration> Consumers => [.. _app.Services.GetServices<ConsumerRegistration>()];

    /// <summary>The handlers of long work.</summary>
    public IReadOnlyList<Type> Handlers => _handlers;

    /// <summary>What the bus was given by this process.</summary>
    public List<OutboxMessage> Published { get; } = [];

    /// <summary>The file of the registry in such a folder.</summary>
    public static string RegistryIn(string folder) => Path.Combine(folder, "registry.db");

    /// <summary>The artifacts in such a folder.</summary>
    public static FolderArtifactStore ArtifactsIn(string folder) => new(Path.Combine(folder, "artifacts"));

    public static SimulatedProcess Start(string folder, CrashPlan plan, DateTimeOffset at, Action<IServiceCollection>? configure = null)
    {
        var builder = MlopsHost.CreateBuilder([], "simulated", new ListenOptions { Http = 0, Grpc = 0 });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Registry:ConnectionString"] = $"Data Source={RegistryIn(folder)};Pooling=False",
            ["Trainer:CheckpointInterval"] = "00:00:00",
            ["Trainer:CheckpointShare"] = "1",
        });
        // A bus takes the log of the one before it in this test run, which is gone.
        LogContext.ConfigureCurrentLogContext(NullLoggerFactory.Instance);
        builder.Services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        builder.Services.AddSingleton<TimeProvider>(new ManualTime(at));
        builder.Services.AddSingleton<IInterceptor>(new CrashingCommands(plan));
        builder.Services.AddSingleton<IInterceptor>(new CrashingTransactions(plan));
        builder.Services.AddSingleton<IArtifactStore>(new CrashingArtifacts(ArtifactsIn(folder), plan));
        builder.AddTrainer().AddEvaluator().AddCompressor().AddGovernance().AddInference();
        configure?.Invoke(builder.Services);
        List<Type> handlers = [.. builder.Services.Select(service => service.ServiceType).Where(type => type.IsAssignableTo(typeof(IWorkHandler))).Distinct()];
        return new SimulatedProcess(builder.BuildMlops(), plan, handlers);
    }

    /// <summary>Brings an empty folder to the schema of this build.</summary>
    public Task MigrateAsync() => _app.Services.GetRequiredService<RegistrySchema>().MigrateAsync(TestContext.Current.CancellationToken);

    /// <summary>Has what was published published again.</summary>
    public Task RedriveAsync() => _app.Services.GetRequiredService<Outbox>().RedriveAsync(TestContext.Current.CancellationToken);

    /// <summary>Hands a message to a consumer, and acknowledges it.</summary>
    /// <returns>True: there was a message.</returns>
    public async Task<bool> ConsumeAsync(Type consumer, Type eventType, Guid messageId, string body)
    {
        var message = JsonSerializer.Deserialize(body, eventType, SpecJson.Canonical)!;
        var instance = ActivatorUtilities.CreateInstance(_app.Services, consumer);
        var consume = typeof(IConsumer<>).MakeGenericType(eventType).GetMethod(nameof(IConsumer<>.Consume))!;
        await (Task)consume.Invoke(instance, [HandedOver.Of(eventType, message, messageId)])!;
        _plan.Step("before the acknowledgement");
        return true;
    }

    /// <summary>Has a worker do all the work that waits for it.</summary>
    /// <returns>Whether there was any.</returns>
    public async Task<bool> WorkAsync(Type handler)
    {
        var type = typeof(Worker<>).MakeGenericType(handler);
        var worker = ActivatorUtilities.CreateInstance(_app.Services, type);
        var run = type.GetMethod(nameof(Worker<>.RunNextAsync), BindingFlags.Instance | BindingFlags.NonPublic)!;
        var worked = false;
        while (await (Task<bool>)run.Invoke(worker, [TestContext.Current.CancellationToken])!)
            worked = true;
        return worked;
    }

    /// <summary>Gives the bus all that waits in the outbox.</summary>
    /// <returns>Whether anything did.</returns>
    public async Task<bool> DispatchAsync()
    {
        var outbox = _app.Services.GetRequiredService<Outbox>();
        while (await outbox.DispatchAsync(PublishAsync, (_, _) => { }, TestContext.Current.CancellationToken) > 0)
        {
        }
        return Published.Count > 0;
    }

    /// <summary>Records a message that no consumer could handle, and acknowledges it.</summary>
    /// <returns>True: there was a message.</returns>
    public async Task<bool> RecordDeadLetterAsync(FailedMessage failed)
    {
        await _app.Services.GetRequiredService<DeadLetters>().RecordAsync(failed, TestContext.Current.CancellationToken);
        _plan.Step("before the acknowledgement");
        return true;
    }

    /// <summary>Takes up what the registry says is to be served, as a replica does when it starts.</summary>
    public async Task ServeAsync()
    {
        // Internal to its service, whose generated types would clash with the client's.
        var promoted = (IHostedService)_app.Services.GetRequiredService(typeof(InferenceService).Assembly.GetType("Mlops.Inference.PromotedModels", throwOnError: true)!);
        var health = _app.Services.GetRequiredService<HealthCheckService>();
        await promoted.StartAsync(TestContext.Current.CancellationToken);
        await Servers.UntilAsync(
            async () => (await health.CheckHealthAsync(check => check.Name == "promoted-models", TestContext.Current.CancellationToken)).Status == HealthStatus.Healthy,
            TimeSpan.FromSeconds(30), "the promoted models");
        await promoted.StopAsync(TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private Task PublishAsync(OutboxMessage message, CancellationToken cancellationToken)
    {
        _plan.Step("before an event is published");
        Published.Add(message);
        _plan.Step("after an event is published");
        return Task.CompletedTask;
    }
}
