using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>On a host of its own, because work stays.</summary>
public sealed class MetricsTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task Metrics_Asked_TellWhatWaitsInTheRegistry()
    {
        var queue = new WorkQueue(_host.Registry);
        foreach (var run in new[] { SampleFacts.Id(901), SampleFacts.Id(902) })
            await _host.Registry.WriteAsync((db, token) => queue.EnqueueAsync(db, "distil-model", run, run, "cuda", token), Token);

        var text = "";
        await Servers.UntilAsync(async () =>
        {
            text = await _host.Client.GetStringAsync("/metrics", Token);
            return text.Contains("distil-model");
        }, TimeSpan.FromSeconds(30), "the next measurement");

        var lines = text.Split('\n');
        lines.ShouldContain(line => line.StartsWith("mlops_work_items{") && line.EndsWith("kind=\"distil-model\",requirement=\"cuda\",state=\"queued\"} 2"));
        lines.ShouldContain(line => line.StartsWith("mlops_outbox_messages") && !line.StartsWith('#'));
        lines.ShouldContain(line => line.StartsWith("mlops_outbox_age_seconds") && !line.StartsWith('#'));
        lines.ShouldContain(line => line.StartsWith("http_server_request_duration_seconds_count{"));
    }

    [Fact]
    public async Task Metrics_AnotherHostOfTheProcessEnds_StillToldByThisOne()
    {
        var another = new GovernanceHost();
        await another.InitializeAsync();
        await Servers.UntilAsync(async () => (await another.Client.GetStringAsync("/metrics", Token)).Contains("mlops_outbox_messages"), TimeSpan.FromSeconds(30), "the other host's measurement");

        await another.DisposeAsync();

        // A gauge that has ended is told once more; an answer is remembered for 0.3 s.
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(TimeSpan.FromSeconds(0.5), Token);
            (await _host.Client.GetStringAsync("/metrics", Token)).ShouldContain("mlops_outbox_messages");
        }
    }
}
