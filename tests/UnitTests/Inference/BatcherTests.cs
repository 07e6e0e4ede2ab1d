using Microsoft.Extensions.Time.Testing;
using Mlops.Contracts;
using Mlops.Inference;
using Mlops.Scoring;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Who runs when, and with whom: a model that runs when the test lets it, so that every order can be had.</summary>
public sealed class BatcherTests : IDisposable
{
    private readonly FakeTimeProvider _time = new();
    private readonly ModelStatistics _statistics;
    private readonly SemaphoreSlim _begun = new(0);
    private readonly SemaphoreSlim _go = new(0);
    private readonly List<string> _runs = [];
    private bool _failsTogether;

    public BatcherTests() => _statistics = new ModelStatistics(_time);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _begun.Dispose();
        _go.Dispose();
    }

    [Fact]
    public async Task Run_NobodyElse_StartsAtOnce()
    {
        using var batcher = Make(new BatchingOptions { MaxQueueDelayMicroseconds = 1_000_000 });
        _go.Release();
        (await Ask(batcher, "a")).ShouldBe("a");
        _runs.ShouldBe(["a"]);
    }

    [Fact]
    public async Task Run_WhileAllRunsAreBusy_GoesOnTogether()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1 });
        var first = await BeginAsync(batcher, "a");
        var waiting = new[] { "b", "c", "d" }.Select(name => Ask(batcher, name)).ToList();
        _go.Release(2);
        (await Task.WhenAll([first, .. waiting])).ShouldBe(["a", "b", "c", "d"]);
        _runs.ShouldBe(["a", "b+c+d"]);
    }

    [Fact]
    public async Task Run_MoreRowsThanFit_GoIntoTheNextBatch()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1, MaxRows = 4 });
        var first = await BeginAsync(batcher, "a");
        var waiting = new[] { Ask(batcher, "b", 2), Ask(batcher, "c", 3), Ask(batcher, "d", 1), Ask(batcher, "e", 9) };
        _go.Release(4);
        await Task.WhenAll([first, .. waiting]);
        _runs.ShouldBe(["a", "b", "c+d", "e"]);
    }

    [Fact]
    public async Task Run_Priorities_ComeFirstAndThoseWithoutLast()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1, MaxRows = 1 });
        var first = await BeginAsync(batcher, "a");
        var waiting = new[] { Ask(batcher, "none"), Ask(batcher, "two", priority: 2), Ask(batcher, "one", priority: 1), Ask(batcher, "none2") };
        _go.Release(5);
        await Task.WhenAll([first, .. waiting]);
        _runs.ShouldBe(["a", "one", "two", "none", "none2"]);
    }

    [Fact]
    public async Task Run_QueueIsFull_IsUnavailableAtOnce()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1, QueueCapacity = 1 });
        var first = await BeginAsync(batcher, "a");
        var second = Ask(batcher, "b");
        var fault = await Should.ThrowAsync<Fault>(() => Ask(batcher, "c"));
        (fault.Kind, fault.Message).ShouldBe((FaultKind.Unavailable, "the model's queue is full: 1 requests wait"));
        _go.Release(2);
        (await Task.WhenAll(first, second)).ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task Run_CancelledWhileItWaits_IsNotRun()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1 });
        using var gone = new CancellationTokenSource();
        var first = await BeginAsync(batcher, "a");
        var second = Ask(batcher, "b", gone: gone.Token);
        var third = Ask(batcher, "c");
        await gone.CancelAsync();
        _go.Release(2);
        (await Task.WhenAll(first, third)).ShouldBe(["a", "c"]);
        await Should.ThrowAsync<OperationCanceledException>(() => second);
        _runs.ShouldBe(["a", "c"]);
    }

    [Fact]
    public async Task Run_WaitsLongerThanItsTimeout_IsNotRun()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1 });
        var first = await BeginAsync(batcher, "a");
        var second = Ask(batcher, "b", timeout: TimeSpan.FromMicroseconds(500));
        var third = Ask(batcher, "c", timeout: TimeSpan.FromMicroseconds(2000));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        _go.Release(2);
        (await Task.WhenAll(first, third)).ShouldBe(["a", "c"]);
        (await Should.ThrowAsync<TimeoutException>(() => second)).Message.ShouldBe("the request waited longer than its timeout of 500 µs");
        _statistics.Queue.Total.ShouldBe(TimeSpan.FromMilliseconds(1));
    }

    [Fact]
    public async Task Run_MayWaitForOthers_WaitsUntilItsTimeIsOver()
    {
        using var batcher = Make(new BatchingOptions { Runs = 2, MaxQueueDelayMicroseconds = 1000 });
        var first = await BeginAsync(batcher, "a");
        var (second, third) = (Ask(batcher, "b"), Ask(batcher, "c"));
        _time.Advance(TimeSpan.FromMicroseconds(999));
        _begun.CurrentCount.ShouldBe(0);
        _time.Advance(TimeSpan.FromMicroseconds(2));
        await _begun.WaitAsync(Stop);
        _go.Release(2);
        (await Task.WhenAll(first, second, third)).ShouldBe(["a", "b", "c"]);
        _runs.ShouldBe(["a", "b+c"], ignoreOrder: true);
    }

    [Fact]
    public async Task Run_MayWaitForOthersButThePreferredNumberIsThere_GoesOn()
    {
        using var batcher = Make(new BatchingOptions { Runs = 2, MaxQueueDelayMicroseconds = 1000, PreferredRows = [2] });
        var first = await BeginAsync(batcher, "a");
        var (second, third) = (Ask(batcher, "b"), Ask(batcher, "c"));
        await _begun.WaitAsync(Stop);
        _go.Release(2);
        (await Task.WhenAll(first, second, third)).ShouldBe(["a", "b", "c"]);
    }

    [Fact]
    public async Task Run_TogetherFails_EachIsAnsweredByARunOfItsOwn()
    {
        _failsTogether = true;
        using var batcher = Make(new BatchingOptions { Runs = 1 });
        var first = await BeginAsync(batcher, "a");
        var (bad, good) = (Ask(batcher, "bad"), Ask(batcher, "good"));
        _go.Release(4);
        (await first, await good).ShouldBe(("a", "good"));
        (await Should.ThrowAsync<InvalidOperationException>(() => bad)).Message.ShouldBe("bad");
    }

    [Fact]
    public async Task Run_LongRunsAndCallersWhoComeBack_WaitsForThemATenthOfARun()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1 });
        // A run of 100 ms while three wait: four rows are asked for at a time.
        var first = await BeginAsync(batcher, "a");
        var others = new[] { "b", "c", "d" }.Select(name => Ask(batcher, name)).ToList();
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _go.Release();
        await first;
        var again = Ask(batcher, "a2");
        await _begun.WaitAsync(Stop);
        _go.Release();
        await Task.WhenAll([again, .. others]);
        _runs.ShouldBe(["a", "b+c+d+a2"]);

        // Now only one comes back: it waits a tenth of a run for the others, and then no longer.
        var alone = Ask(batcher, "e");
        _time.Advance(TimeSpan.FromMilliseconds(5));
        _begun.CurrentCount.ShouldBe(0);
        _time.Advance(TimeSpan.FromMilliseconds(6));
        await _begun.WaitAsync(Stop);
        _go.Release();
        (await alone).ShouldBe("e");
    }

    /// <summary>After one request of very many rows, the next ten single ones used to wait for company that did not come.</summary>
    [Fact]
    public async Task Run_AfterALongOneThatFitsNoBatch_StartsAtOnce()
    {
        using var batcher = Make(new BatchingOptions { Runs = 1 });
        var large = Task.Run(() => Ask(batcher, "large", 65));
        await _begun.WaitAsync(Stop);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        _go.Release(2);
        await large;
        (await Ask(batcher, "a").WaitAsync(TimeSpan.FromSeconds(10), Stop)).ShouldBe("a");
    }

    private Batcher Make(BatchingOptions options) => new(new BatchedRuns(Alone, Together, 64), _statistics, options, _time);

    /// <summary>Begins a request on a thread of its own, and returns when the model runs it.</summary>
    private async Task<Task<string>> BeginAsync(Batcher batcher, string name)
    {
        var asked = Task.Run(() => Ask(batcher, name));
        await _begun.WaitAsync(Stop);
        return asked;
    }

    private static async Task<string> Ask(Batcher batcher, string name, int rows = 1, ulong priority = 0, TimeSpan? timeout = null, CancellationToken? gone = null)
    {
        var request = new CheckedRequest([new InputTensor(name, "FP32", [rows, 1], default)], [0], rows, IsEmpty: false);
        return (await batcher.RunAsync(request, new RequestParameters(priority, timeout), gone ?? CancellationToken.None)).Outputs[0].Name;
    }

    private ModelAnswer Alone(CheckedRequest request)
    {
        Run(request.Inputs[0].Name);
        return request.Inputs[0].Name == "bad" ? throw new InvalidOperationException("bad") : Answer(request);
    }

    private ModelAnswer[] Together(CheckedRequest[] batch)
    {
        Run(string.Join('+', batch.Select(request => request.Inputs[0].Name)));
        return _failsTogether ? throw new InvalidOperationException("together") : Array.ConvertAll(batch, Answer);
    }

    private void Run(string names)
    {
        lock (_runs)
            _runs.Add(names);
        _begun.Release();
        _go.Wait(Stop);
    }

    private static ModelAnswer Answer(CheckedRequest request) =>
        new([new OutputTensor(request.Inputs[0].Name, TensorDatatype.Find("FP32")!, request.Inputs[0].Shape, default)], null);
}
