using Mlops.Client;
using Mlops.Testing;
using Mlops.UnitTests.Governance;
using Shouldly;
using Xunit;
using SampleFacts = Mlops.UnitTests.Governance.SampleFacts;

namespace Mlops.UnitTests.Client;

/// <summary>On a governance host of its own, because a decision stays.</summary>
public sealed class PlatformClientTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Follow_ConnectionIsCut_GoesOnAndTellsNothingTwice()
    {
        await using var proxy = new FaultyProxy(_host.Client.BaseAddress!.Port);
        using var client = new PlatformClient(proxy.Address);
        await using var states = client.FollowRunAsync(SampleFacts.RunningRun, Token).GetAsyncEnumerator(Token);
        (await states.MoveNextAsync()).ShouldBeTrue();
        states.Current.State.ShouldBe("running");

        var next = states.MoveNextAsync().AsTask();
        proxy.Close().ShouldBeGreaterThan(0);
        using (var direct = new PlatformClient(_host.Client.BaseAddress!))
            await direct.CancelRunAsync(SampleFacts.RunningRun, "ada", "wrong file", Token);
        proxy.Open();

        (await next.WaitAsync(TimeSpan.FromSeconds(30), Token)).ShouldBeTrue();
        (states.Current.State, states.Current.Outcome!.Reason).ShouldBe(("cancelled", "by ada: wrong file"));
        (await states.MoveNextAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task Follow_NoSuchRun_SaysSo()
    {
        using var client = new PlatformClient(_host.Client.BaseAddress!);
        var refused = await Should.ThrowAsync<PlatformException>(async () => await client.FollowRunAsync(SampleFacts.Id(999), Token).FirstAsync(Token));
        refused.Message.ShouldBe($"id: there is no pipeline run {SampleFacts.Id(999)}");
        refused.Status.ShouldBe(System.Net.HttpStatusCode.NotFound);
    }
}
