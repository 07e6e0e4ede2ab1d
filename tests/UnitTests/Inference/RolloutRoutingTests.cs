using Google.Protobuf;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Mlops.Contracts;
using Mlops.Contracts.Rollouts;
using Mlops.Inference;
using Mlops.Inference.Rollouts;
using Mlops.Onnx.Format;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Who answers while a version is tried, and what is seen of it. The champion adds 1 and the candidate another number.</summary>
public sealed class RolloutRoutingTests : IDisposable
{
    private static readonly Guid Id = new("01990000-0000-7000-8000-000000000001");

    private readonly ModelHost _host;
    private readonly DataPlane _plane;

    public RolloutRoutingTests()
    {
        var options = Options.Create(new InferenceOptions());
        _host = new ModelHost(options, TimeProvider.System, NullLogger<ModelHost>.Instance);
        _plane = new DataPlane(_host, options, NullLogger<DataPlane>.Instance);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task Canary_WithoutAKey_AnswersItsShareEvenly()
    {
        await ServeAsync(RolloutMode.Canary, 0.3);

        var answerers = await AskAsync(1_000);

        answerers.Count(version => version == 2).ShouldBeInRange(298, 302);
        var (_, counts) = _host.Trials.ShouldHaveSingleItem();
        var (champion, candidate) = (counts.Champion.Take(), counts.Candidate.Take());
        (champion.Requests + candidate.Requests, champion.Errors + candidate.Errors).ShouldBe((1_000, 0));
        candidate.Requests.ShouldBe(answerers.Count(version => version == 2));
        candidate.Latency.Values.Sum().ShouldBe(candidate.Requests);
        candidate.Outputs.Keys.ShouldBe(["y[0]", "y[1]"]);
        candidate.Outputs["y[0]"].Numbers.Values.Sum().ShouldBe(candidate.Requests);
        counts.Candidate.Take().Requests.ShouldBe(0);
    }

    [Fact]
    public async Task Canary_WithAKey_AnswersTheSameCallersAndKeepsThemWhenItGrows()
    {
        string[] callers = [.. Enumerable.Range(0, 400).Select(caller => $"user-{caller}")];
        await ServeAsync(RolloutMode.Canary, 0.25);
        var first = await AskAsync(callers);
        (await AskAsync(callers)).ShouldBe(first);
        first.Count(version => version == 2).ShouldBeInRange(70, 130);
        var counts = _host.Trials.Single().Counts;

        await ServeAsync(RolloutMode.Canary, 0.75);

        var later = await AskAsync(callers);
        first.Zip(later).ShouldAllBe(pair => pair.First == 1 || pair.Second == 2);
        later.Count(version => version == 2).ShouldBeInRange(270, 330);
        // A share that changes begins no new count.
        _host.Trials.Single().Counts.ShouldBeSameAs(counts);
    }

    /// <summary>Another rollout tries what is new on other callers.</summary>
    [Fact]
    public void Takes_TheSameKeysInAnotherRollout_AreOthers()
    {
        var (one, other) = (Rule(RolloutMode.Canary, 0.5), Rule(RolloutMode.Canary, 0.5) with { Id = new Guid("01990000-0000-7000-8000-000000000002") });
        Enumerable.Range(0, 1_000).Count(key => one.Takes($"{key}", 0) != other.Takes($"{key}", 0)).ShouldBeInRange(420, 580);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 100)]
    public async Task Canary_OfNothingOrAll_IsExact(double weight, int expected)
    {
        await ServeAsync(RolloutMode.Canary, weight);
        (await AskAsync([.. Enumerable.Range(0, 50).Select(key => $"{key}"), .. Enumerable.Repeat("", 50)])).Count(version => version == 2).ShouldBe(expected);
    }

    [Fact]
    public async Task Canary_AVersionIsAskedFor_AnswersAndCountsNothing()
    {
        await ServeAsync(RolloutMode.Canary, 1);

        (await AskOneAsync("", "1")).ShouldBe(1);
        (await AskOneAsync("", "2")).ShouldBe(2);

        var counts = _host.Trials.Single().Counts;
        (counts.Champion.Take().Requests, counts.Candidate.Take().Requests).ShouldBe((0, 0));
    }

    [Fact]
    public async Task Canary_ThatCannotBeLoaded_LeavesAllToTheChampion()
    {
        await ServeAsync(RolloutMode.Canary, 1, Models.CannotRun());
        (await AskAsync(20)).ShouldAllBe(version => version == 1);
    }

    [Fact]
    public async Task Canary_ThatFails_IsCountedWithItsErrors()
    {
        // Takes rows of three: no caller's request of two fits.
        await ServeAsync(RolloutMode.Canary, 0.5, Models.Identity(TensorProto.Types.DataType.Float, -1, 3));

        var refused = 0;
        for (var asked = 0; asked < 10; asked++)
            try
            {
                await AskOneAsync("");
            }
            catch (Fault)
            {
                refused++;
            }

        refused.ShouldBe(5);
        var counts = _host.Trials.Single().Counts;
        counts.Candidate.Take().ShouldSatisfyAllConditions(side => side.Requests.ShouldBe(5), side => side.Errors.ShouldBe(5));
        counts.Champion.Take().Errors.ShouldBe(0);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(7, 8)]
    public async Task Shadow_AnyCandidate_NeverAnswersAndIsCompared(int adds, int differing)
    {
        await ServeAsync(RolloutMode.Shadow, 1, Models.Add(adds));
        var counts = _host.Trials.Single().Counts;
        var seen = (Compared: 0L, Differing: 0L);
        for (var asked = 1; asked <= 8; asked++)
        {
            (await AskOneAsync("")).ShouldBe(1);
            await Servers.UntilAsync(() =>
            {
                var (compared, different) = counts.TakeCompared();
                seen = (seen.Compared + compared, seen.Differing + different);
                return Task.FromResult(seen.Compared == asked);
            }, TimeSpan.FromSeconds(30), "the comparison");
        }

        seen.Differing.ShouldBe(differing);
        (counts.Champion.Take().Requests, counts.Candidate.Take().Requests).ShouldBe((8, 8));
    }

    [Fact]
    public async Task Shadow_ThatFails_IsCountedAndNobodyIsTold()
    {
        await ServeAsync(RolloutMode.Shadow, 1, Models.Identity(TensorProto.Types.DataType.Float, -1, 3));
        (await AskOneAsync("")).ShouldBe(1);

        var failed = 0L;
        await Servers.UntilAsync(() => Task.FromResult((failed += _host.Trials.Single().Counts.Candidate.Take().Errors) == 1), TimeSpan.FromSeconds(30), "the copy's failure");
    }

    [Fact]
    public async Task Rollout_ThatEnds_LeavesTheChampionAlone()
    {
        await ServeAsync(RolloutMode.Canary, 1);
        await _host.ServeAsync(Order(null), Source(Models.Add(2)), Cancel);

        _host.Trials.ShouldBeEmpty();
        (await AskAsync(20)).ShouldAllBe(version => version == 1);
        _host.Versions("m").ShouldBe(["1"]);
    }

    private static RolloutRule Rule(RolloutMode mode, double weight, ModelProto? candidate = null) =>
        new(Id, InferenceServer.Version("m", (candidate ?? Models.Add(2)).ToByteArray(), 2), mode, weight);

    private static ModelOrder Order(RolloutRule? rule) => new() { Champion = InferenceServer.Version("m", Models.Add(1).ToByteArray(), 1), Rollout = rule };

    private static ModelSource Source(ModelProto candidate) => (version, _) => Task.FromResult((version.Version == 1 ? Models.Add(1) : candidate).ToByteArray());

    private Task<IReadOnlyList<LoadOutcome>> ServeAsync(RolloutMode mode, double weight, ModelProto? candidate = null) =>
        _host.ServeAsync(Order(Rule(mode, weight, candidate)), Source(candidate ?? Models.Add(2)), Cancel);

    private async Task<List<int>> AskAsync(params string[] keys)
    {
        var answerers = new List<int>();
        foreach (var key in keys)
            answerers.Add(await AskOneAsync(key));
        return answerers;
    }

    private Task<List<int>> AskAsync(int times) => AskAsync([.. Enumerable.Repeat("", times)]);

    private async Task<int> AskOneAsync(string key, string version = "")
    {
        var request = new InferenceRequest
        {
            Model = "m",
            Version = version,
            Inputs = [new InputTensor("x", "FP32", [1, 2], Requests.Bytes(1f, 2f))],
            Parameters = new RequestParameters(0, null, key),
        };
        using var result = await _plane.InferAsync(request, Cancel);
        return result.Version.Version;
    }
}
