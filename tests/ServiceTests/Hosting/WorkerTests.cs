using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Contracts;
using Mlops.Contracts.Events;
using Mlops.Contracts.Spec;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Hosting;

/// <summary>A worker in a real host, on the embedded default.</summary>
public sealed class WorkerTests
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Run_HandlerThrowsOnce_IsTriedAgainAndDone()
    {
        await using var host = await StartAsync((work, attempt, token) =>
            attempt == 1 ? throw new IOException("the disk was full") : work.CompleteAsync((_, _) => Task.CompletedTask, token));
        var item = await host.EndedAsync();
        (item.State, item.Attempt, item.Failures, item.Error).ShouldBe((WorkState.Done, 2, 1, null));
    }

    [Fact]
    public async Task Run_HandlerThrowsAFault_FailsThePipelineWithTheReasonAndIsNotTriedAgain()
    {
        await using var host = await StartAsync((_, _, _) => throw Fault.Invalid("sex", "a constant column"));
        var item = await host.EndedAsync();
        (item.State, item.Attempt, item.Error).ShouldBe((WorkState.Failed, 1, "sex: a constant column"));
        var message = await host.Registry.ReadAsync((db, token) => db.OutboxMessages.SingleAsync(token), Stop);
        (message.Type, message.PipelineRunId).ShouldBe(("PipelineFailed", item.PipelineRunId));
        var failed = JsonSerializer.Deserialize<PipelineFailed>(message.Body, SpecJson.Canonical)!;
        (failed.Stage, failed.WorkItemId, failed.Kind, failed.Reason).ShouldBe((Handler.WorkKind, item.Id, "Invalid", "sex: a constant column"));
        (await host.Registry.ReadAsync((db, token) => db.AuditEntries.Select(entry => entry.Action).ToListAsync(token), Stop)).ShouldBe(["work.failed"]);
    }

    [Fact]
    public async Task Stop_WhileWorkIsUnderWay_GivesItBackWithoutCountingAFailure()
    {
        var begun = new TaskCompletionSource();
        var host = await StartAsync(async (_, _, token) =>
        {
            begun.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        await using (host)
        {
            await begun.Task.WaitAsync(Longest, Stop);
            await host.App.StopAsync(Stop);
            var item = await host.Registry.ReadAsync((db, token) => db.WorkItems.SingleAsync(token), Stop);
            (item.State, item.Failures, item.LeaseExpiresAt).ShouldBe((WorkState.Queued, 0, null));
        }
    }

    private static async Task<Host> StartAsync(Func<WorkContext, int, CancellationToken, Task> handle)
    {
        var folder = Servers.NewFolder("worker");
        var builder = MlopsHost.CreateBuilder([], "test", new ListenOptions());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Registry:ConnectionString"] = $"Data Source={Path.Combine(folder, "registry.db")};Pooling=False",
            ["Artifacts:Root"] = Path.Combine(folder, "artifacts"),
        });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton(handle);
        builder.Services.AddWork<Handler>();
        var app = builder.BuildMlops();
        await app.StartAsync(Stop);
        var host = new Host(app, folder);
        await host.Registry.WriteAsync((db, token) => app.Services.GetRequiredService<WorkQueue>()
            .EnqueueAsync(db, Handler.WorkKind, host.Registry.NewId(), host.Registry.NewId(), WorkerCapabilities.Cpu, token), Stop);
        return host;
    }

    private sealed class Handler(Func<WorkContext, int, CancellationToken, Task> handle) : IWorkHandler
    {
        public const string WorkKind = "do-something";

        public string Kind => WorkKind;

        public Task RunAsync(WorkContext work, CancellationToken cancellationToken) => handle(work, work.Item.Attempt, cancellationToken);
    }

    private sealed class Host(WebApplication app, string folder) : IAsyncDisposable
    {
        public WebApplication App => app;

        public RegistryStore Registry => app.Services.GetRequiredService<RegistryStore>();

        public async Task<WorkItem> EndedAsync()
        {
            WorkItem? item = null;
            await Servers.UntilAsync(async () =>
            {
                item = await Registry.ReadAsync((db, token) => db.WorkItems.SingleAsync(token), Stop);
                return item.State is WorkState.Done or WorkState.Failed;
            }, Longest, "the work's end");
            return item!;
        }

        public async ValueTask DisposeAsync()
        {
            await app.StopAsync(CancellationToken.None);
            await app.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }
}
