using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using Mlops.Contracts;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>More models than memory: who was asked longest ago leaves, and comes back when asked.</summary>
public sealed class ModelMemoryTests : IDisposable
{
    private const long MiB = 1 << 20;
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<string> _fetched = new();
    private readonly ModelHost _host;
    private Task _arrival = Task.CompletedTask;

    public ModelMemoryTests() =>
        _host = new ModelHost(Options.Create(new InferenceOptions { MemoryBudgetMiB = 2 }), _time, NullLogger<ModelHost>.Instance);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Serve_BeyondTheBudget_SendsAwayWhoWasAskedLongestAgo()
    {
        await ServeAsync("a");
        await ServeAsync("b");
        await AskAsync("a");

        await ServeAsync("c");

        States().ShouldBe([("a", ModelState.Ready), ("b", ModelState.Unloaded), ("c", ModelState.Ready)]);
        _host.Statuses[1].Reason.ShouldBe("not in memory, to make room for others; a request for it loads it");
        _host.MemoryUsed.ShouldBe(2 * MiB);
        _host.Answers("b").ShouldBeTrue();
        _host.IsReady.ShouldBeTrue();
    }

    [Fact]
    public async Task Ask_WhoHasLeft_LoadsItAgainOnceForAllWhoAsk()
    {
        await ServeAsync("a");
        await ServeAsync("b");
        await ServeAsync("c");
        _fetched.Clear();
        var arrival = new TaskCompletionSource();
        _arrival = arrival.Task;

        var answers = Enumerable.Range(0, 20).Select(_ => AskAsync("a")).ToList();
        answers.ShouldAllBe(answer => !answer.IsCompleted);
        arrival.SetResult();
        (await Task.WhenAll(answers)).ShouldAllBe(version => version == 1);

        _fetched.ShouldBe(["a"]);
        States().ShouldBe([("a", ModelState.Ready), ("b", ModelState.Unloaded), ("c", ModelState.Ready)]);
    }

    [Fact]
    public async Task Ask_WhoHasLeftAndCannotComeBack_IsUnavailableAndTriedAgainLater()
    {
        await ServeAsync("a");
        await ServeAsync("b");
        await ServeAsync("c");
        _arrival = Task.FromException(new IOException("the store is away"));

        (await RefusedAsync("a")).ShouldBe("model_version: version 1 of model 'a' could not be loaded");
        _host.Answers("a").ShouldBeFalse();
        _arrival = Task.CompletedTask;
        _fetched.Clear();
        _time.Advance(TimeSpan.FromSeconds(9));
        await RefusedAsync("a");
        _fetched.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await AskAsync("a")).ShouldBe(1);
        // What failed holds no memory.
        _host.MemoryUsed.ShouldBe(2 * MiB);
    }

    [Fact]
    public async Task Serve_WhileTheOldestIsHeld_WaitsForItsMemory()
    {
        await ServeAsync("a");
        await ServeAsync("b");
        var held = await _host.AcquireAsync("a", "", "", Cancel);
        await AskAsync("b");

        var load = ServeAsync("c");
        while (held.Served.Status.State != ModelState.Draining)
            await Task.Yield();
        load.IsCompleted.ShouldBeFalse();
        _host.MemoryUsed.ShouldBe(2 * MiB);

        held.Dispose();
        await load;
        _host.MemoryUsed.ShouldBe(2 * MiB);
    }

    [Fact]
    public async Task Serve_LargerThanTheBudget_IsRefusedAndNobodyLeaves()
    {
        await ServeAsync("a");
        await ServeAsync("b");

        var fault = await Should.ThrowAsync<Fault>(() => ServeAsync("c", 3 * MiB));

        fault.Message.ShouldBe("Inference:MemoryBudgetMiB: the model takes 3 MiB; all models together may take 2");
        States().ShouldBe([("a", ModelState.Ready), ("b", ModelState.Ready), ("c", ModelState.Failed)]);
    }

    [Fact]
    public async Task Ask_ManyModelsFromManyThreads_AnswersAllWithinTheBudget()
    {
        string[] names = ["a", "b", "c", "d", "e"];
        foreach (var name in names)
            await ServeAsync(name);
        var most = 0L;

        await Parallel.ForAsync(0, 8, Cancel, async (caller, _) =>
        {
            for (var asked = 0; asked < 60; asked++)
            {
                await AskAsync(names[(caller + (asked * 3)) % names.Length]);
                for (var (used, seen) = (_host.MemoryUsed, Volatile.Read(ref most)); used > seen; seen = Volatile.Read(ref most))
                    Interlocked.CompareExchange(ref most, used, seen);
            }
        });

        most.ShouldBe(2 * MiB);
        States().Count(state => state.State == ModelState.Ready).ShouldBe(2);
    }

    private Task<ModelStatus> ServeAsync(string name, long memory = MiB)
    {
        var model = Models.Add(1).ToByteArray();
        return InferenceServer.LoadAsync(_host, InferenceServer.Version(name, model) with { Bytes = memory / 2 }, async _ =>
        {
            _fetched.Enqueue(name);
            await _arrival;
            return model;
        });
    }

    private async Task<int> AskAsync(string name)
    {
        using var handle = await _host.AcquireAsync(name, "", "", Cancel);
        return handle.Served.Version.Version;
    }

    private async Task<string> RefusedAsync(string name)
    {
        var fault = await Should.ThrowAsync<Fault>(() => AskAsync(name));
        fault.Kind.ShouldBe(FaultKind.Unavailable);
        return fault.Message;
    }

    private IEnumerable<(string Name, ModelState State)> States() => _host.Statuses.Select(status => (status.Version.Model, status.State));
}
