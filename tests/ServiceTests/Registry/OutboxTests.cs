using Microsoft.EntityFrameworkCore;
using Mlops.Contracts.Events;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

public sealed class OutboxTests(Databases databases)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Write_WorkThrows_NeitherFactNorEventIsThere(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        await Should.ThrowAsync<InvalidOperationException>(() => registry.Store.WriteAsync(async (db, token) =>
        {
            db.DatasetVersions.Add(SampleFacts.Dataset(registry.Store));
            db.Publish(SampleFacts.Failed(registry.Store, registry.Store.NewId()));
            await db.SaveChangesAsync(token);
            throw new InvalidOperationException("stop here");
        }, Stop));
        (await DispatchAsync(registry)).ShouldBeEmpty();
        (await registry.Store.ReadAsync((db, token) => db.DatasetVersions.AnyAsync(token), Stop)).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Dispatch_CommittedEvent_IsPublishedOnceWithItsIdAndContent(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var failed = await PublishAsync(registry, registry.Store.NewId());
        var published = await DispatchAsync(registry);
        var message = published.ShouldHaveSingleItem();
        (message.Id, message.Type).ShouldBe((failed.EventId, nameof(PipelineFailed)));
        message.Body.ShouldContain("a reason");
        (await DispatchAsync(registry)).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Dispatch_BusRefuses_KeepsTheEventAndBacksOff(string database)
    {
        var time = new ManualTime();
        await using var registry = await databases.CreateAsync(database, time);
        await PublishAsync(registry, registry.Store.NewId());
        var refusals = new List<Exception>();
        await registry.Outbox.DispatchAsync((_, _) => throw new IOException("the broker is away"), (_, exception) => refusals.Add(exception), Stop);
        refusals.ShouldHaveSingleItem().Message.ShouldBe("the broker is away");
        (await DispatchAsync(registry)).ShouldBeEmpty();
        time.Advance(TimeSpan.FromSeconds(1));
        (await DispatchAsync(registry)).Count.ShouldBe(1);
    }

    [Fact]
    public async Task Dispatch_TwoReplicasAtOnce_ShareTheEvents()
    {
        await using var registry = await databases.CreateAsync("Postgres");
        for (var i = 0; i < 250; i++)
            await PublishAsync(registry, registry.Store.NewId());
        var batches = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => DispatchAsync(registry)));
        var ids = batches.SelectMany(batch => batch).Select(message => message.Id).ToList();
        ids.Count.ShouldBe(ids.Distinct().Count());
        ids.AddRange((await DispatchAsync(registry)).Concat(await DispatchAsync(registry)).Select(message => message.Id));
        ids.Distinct().Count().ShouldBe(250);
    }

    [Fact]
    public async Task Dispatch_AfterManyThatAreDeleted_PassesOverThemOnce()
    {
        await using var registry = await databases.CreateAsync("Postgres");
        // A vacuum would take the deleted rows away, and so hide how they are passed over.
        await registry.Store.WriteAsync((db, token) => db.Database.ExecuteSqlAsync($"ALTER TABLE outbox_messages SET (autovacuum_enabled = off)", token), Stop);
        await registry.Store.WriteAsync((db, _) =>
        {
            for (var i = 0; i < 2_000; i++)
                db.Publish(SampleFacts.Failed(registry.Store, registry.Store.NewId()));
            return Task.CompletedTask;
        }, Stop);
        while ((await DispatchAsync(registry)).Count > 0)
        {
        }

        // Not at the first try: the server marks a row as dead only once no snapshot can see it any more.
        await Servers.UntilAsync(async () =>
        {
            var before = await ReadRowsAsync();
            (await DispatchAsync(registry)).ShouldBeEmpty();
            return await ReadRowsAsync() - before < 500;
        }, TimeSpan.FromSeconds(30), "a dispatch that passes over what is deleted");

        // Rows of the table and entries of its indexes that the server has gone through, which it counts at a statement's end.
        Task<long> ReadRowsAsync() => registry.Store.ReadAsync(async (db, token) =>
        {
            await db.Database.ExecuteSqlAsync($"SELECT pg_stat_force_next_flush()", token);
            return (await db.Database.SqlQuery<long>(
                $"""
                SELECT (seq_tup_read + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes i WHERE i.relid = t.relid))::bigint AS "Value"
                FROM pg_stat_user_tables t WHERE relname = 'outbox_messages'
                """).ToListAsync(token)).Single();
        }, Stop);
    }

    [Fact]
    public async Task Redrive_AfterAKillOfTheEmbeddedDefault_RepeatsEventsOfUnfinishedRunsOnly()
    {
        await using var registry = await databases.CreateAsync("Sqlite");
        var dataset = SampleFacts.Dataset(registry.Store);
        PipelineRun[] runs = [SampleFacts.Run(registry.Store, dataset), SampleFacts.Run(registry.Store, dataset)];
        await registry.Store.WriteAsync((db, _) =>
        {
            db.Add(dataset);
            db.AddRange(runs);
            db.Add(new PipelineOutcome { PipelineRunId = runs[0].Id, Attempt = 1, Served = true, Stage = "deploy-model", CreatedAt = SampleFacts.At });
            return Task.CompletedTask;
        }, Stop);
        await PublishAsync(registry, runs[0].Id);
        var unfinished = await PublishAsync(registry, runs[1].Id);
        (await DispatchAsync(registry)).Count.ShouldBe(2);

        await registry.Outbox.RedriveAsync(Stop);
        (await DispatchAsync(registry)).ShouldHaveSingleItem().Id.ShouldBe(unfinished.EventId);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Inbox_SameEventFromSeveralDeliveries_IsHandledOncePerConsumer(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var message = registry.Store.NewId();
        Task<bool> HandleAsync(string consumer) => registry.Store.WriteAsync(
            (db, token) => Inbox.TryBeginAsync(db, consumer, message, registry.Store.Now(), token), Stop);
        var handled = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => HandleAsync("AcceptTraining")));
        handled.Count(first => first).ShouldBe(1);
        (await HandleAsync("RecordOutcome")).ShouldBeTrue();
    }

    private static async Task<PipelineFailed> PublishAsync(TestRegistry registry, Guid runId)
    {
        var failed = SampleFacts.Failed(registry.Store, runId);
        await registry.Store.WriteAsync((db, _) =>
        {
            db.Publish(failed);
            return Task.CompletedTask;
        }, Stop);
        return failed;
    }

    private static async Task<List<OutboxMessage>> DispatchAsync(TestRegistry registry)
    {
        var published = new List<OutboxMessage>();
        await registry.Outbox.DispatchAsync((message, _) =>
        {
            lock (published)
                published.Add(message);
            return Task.CompletedTask;
        }, (_, exception) => throw exception, Stop);
        return published;
    }
}
