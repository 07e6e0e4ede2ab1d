using System.Collections.Concurrent;
using System.Diagnostics;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Contracts.Events;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Testing;

namespace Mlops.Benchmarks.Pipeline;

/// <summary>A service as any other, with one dispatcher and one consumer, that commits events and hears them again.</summary>
internal sealed class EventHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private EventHost(WebApplication app) => _app = app;

    public RegistryStore Registry => _app.Services.GetRequiredService<RegistryStore>();

    public Arrivals Arrivals => _app.Services.GetRequiredService<Arrivals>();

    /// <param name="database">A registry with this build's schema.</param>
    /// <param name="rabbit">A broker with this build's queues.</param>
    /// <param name="once">Whether the consumer keeps an inbox, as the platform's do, or only counts.</param>
    public static async Task<EventHost> StartAsync(string database, RabbitServer rabbit, bool once)
    {
        KeyValuePair<string, string>[] settings = [.. rabbit.Settings(), .. RegistrySettings.OfOwner(database), new("Artifacts:Root", Servers.NewFolder("artifacts"))];
        var builder = MlopsHost.CreateBuilder([.. settings.Select(setting => $"--{setting.Key}={setting.Value}")], "benchmark", new ListenOptions());
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton(new Arrivals(once));
        builder.Services.AddEventConsumer<RecordOutcome>();
        var app = builder.BuildMlops();
        await app.StartAsync();
        return new EventHost(app);
    }

    /// <summary>Commits events in one transaction.</summary>
    public Task CommitAsync(int events, bool audited = false) => Registry.WriteAsync((db, _) =>
    {
        for (var i = 0; i < events; i++)
        {
            var failed = SampleFacts.Failed(Registry, Registry.NewId());
            Arrivals.Committing(failed.EventId);
            db.Publish(failed);
            if (audited)
                db.Audit("benchmark", "benchmark.committed", failed.EventId, new { failed.Stage, failed.Reason });
        }
        return Task.CompletedTask;
    }, CancellationToken.None);

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>When events were about to be committed, and how long it took until they were heard.</summary>
internal sealed class Arrivals(bool once)
{
    private readonly ConcurrentDictionary<Guid, long> _committing = new();
    private long _count;

    public bool Once => once;

    public Latencies Latencies { get; private set; } = new();

    public long Count => Interlocked.Read(ref _count);

    public int UnderWay => _committing.Count;

    public void Forget() => Latencies = new Latencies();

    public void Committing(Guid eventId) => _committing[eventId] = Stopwatch.GetTimestamp();

    public void Heard(Guid eventId)
    {
        if (!_committing.TryRemove(eventId, out var since))
            return;
        Latencies.AddSince(since);
        Interlocked.Increment(ref _count);
    }
}

/// <summary>Named as the consumer whose queue it stands at.</summary>
internal sealed class RecordOutcome(Arrivals arrivals, RegistryStore registry) : IConsumer<PipelineFailed>, IConsumer<ModelDeployed>
{
    public async Task Consume(ConsumeContext<PipelineFailed> context)
    {
        if (arrivals.Once)
            await registry.HandleOnceAsync(this, context, (_, _) => Task.CompletedTask);
        arrivals.Heard(context.Message.EventId);
    }

    public Task Consume(ConsumeContext<ModelDeployed> context) => Task.CompletedTask;
}
