using Microsoft.EntityFrameworkCore;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Testing;

public sealed class PrivateServerTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Postgres_KilledAndStartedAgain_HasWhatWasCommitted()
    {
        Assert.SkipUnless(PostgresServer.HasPrivate, "needs Debian's postgresql");
        await using var server = await PostgresServer.StartPrivateAsync();
        await using var registry = await TestRegistry.PostgresAsync(server);
        var dataset = SampleFacts.Dataset(registry.Store);
        await registry.Store.WriteAsync((db, _) =>
        {
            db.DatasetVersions.Add(dataset);
            return Task.CompletedTask;
        }, Stop);
        await server.KillAsync();
        await server.StartAgainAsync();
        (await registry.Store.ReadAsync((db, token) => db.DatasetVersions.SingleAsync(token), Stop)).Id.ShouldBe(dataset.Id);
    }

    [Fact]
    public async Task Rabbit_KilledAndStartedAgain_Answers()
    {
        Assert.SkipUnless(RabbitServer.HasPrivate, "needs Debian's rabbitmq-server");
        await using var server = await RabbitServer.StartPrivateAsync();
        (await server.QueuesAsync()).ShouldBeEmpty();
        await server.KillAsync();
        await server.StartAgainAsync();
        (await server.QueuesAsync()).ShouldBeEmpty();
    }
}
