using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Hosting;

/// <summary>Kinds of work that share what a process has.</summary>
public sealed class WorkSlotsTests
{
    [Fact]
    public async Task Run_TwoKindsWithOneSlot_AreDoneOneAfterTheOther()
    {
        var stop = TestContext.Current.CancellationToken;
        var folder = Servers.NewFolder("slots");
        var builder = MlopsHost.CreateBuilder([], "test", new ListenOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Registry:ConnectionString"] = $"Data Source={Path.Combine(folder, "registry.db")};Pooling=False",
            ["Artifacts:Root"] = Path.Combine(folder, "artifacts"),
        });
        builder.Logging.ClearProviders();
        var atOnce = new AtOnce();
        builder.Services.AddSingleton(atOnce);
        using var slots = new WorkSlots(1);
        builder.Services.AddWork<First>(slots);
        builder.Services.AddWork<Second>(slots);
        await using (var app = builder.BuildMlops())
        {
            await app.StartAsync(stop);
            var (registry, queue) = (app.Services.GetRequiredService<RegistryStore>(), app.Services.GetRequiredService<WorkQueue>());
            await registry.WriteAsync(async (db, token) =>
            {
                foreach (var kind in new[] { "do-first", "do-second", "do-first", "do-second" })
                    await queue.EnqueueAsync(db, kind, registry.NewId(), registry.NewId(), WorkerCapabilities.Cpu, token);
            }, stop);
            await Servers.UntilAsync(() => registry.ReadAsync(
                async (db, token) => await db.WorkItems.CountAsync(item => item.State == WorkState.Done, token) == 4, stop), TimeSpan.FromSeconds(60), "the work's end");
            await app.StopAsync(stop);
        }
        atOnce.Most.ShouldBe(1);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>How many pieces of work were under way at once.</summary>
    private sealed class AtOnce
    {
        private readonly Lock _lock = new();
        private int _now;

        public int Most { get; private set; }

        public async Task DoAsync(WorkContext work, CancellationToken cancellationToken)
        {
            lock (_lock)
                Most = Math.Max(Most, ++_now);
            // Time for another to begin, if it could.
            await Task.Delay(TimeSpan.FromMilliseconds(200), cancellationToken);
            lock (_lock)
                _now--;
            await work.CompleteAsync((_, _) => Task.CompletedTask, cancellationToken);
        }
    }

    private sealed class First(AtOnce atOnce) : IWorkHandler
    {
        public string Kind => "do-first";

        public Task RunAsync(WorkContext work, CancellationToken cancellationToken) => atOnce.DoAsync(work, cancellationToken);
    }

    private sealed class Second(AtOnce atOnce) : IWorkHandler
    {
        public string Kind => "do-second";

        public Task RunAsync(WorkContext work, CancellationToken cancellationToken) => atOnce.DoAsync(work, cancellationToken);
    }
}
