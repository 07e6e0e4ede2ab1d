using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

public sealed class BacklogTests(Databases databases)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Read_WorkAndEventsInEveryState_CountsWhatIsNotDone(string database)
    {
        var time = new ManualTime();
        await using var registry = await databases.CreateAsync(database, time);
        var empty = await Backlog.ReadAsync(registry.Store, Stop);
        (empty.Work.Count, empty.OutboxMessages, empty.OutboxAge).ShouldBe((0, 0, TimeSpan.Zero));

        // Of six trainings one is done, one given up, one leased, one cancelled; two wait, of which one for a CUDA device.
        var runs = Enumerable.Range(0, 6).Select(_ => registry.Store.NewId()).ToList();
        foreach (var run in runs)
        {
            await registry.Store.WriteAsync((db, token) => registry.Work.EnqueueAsync(db, "train-model", run, run, run == runs[5] ? "cuda" : "cpu", token), Stop);
            time.Advance(TimeSpan.FromSeconds(1));
        }
        await registry.Store.WriteAsync((db, token) => registry.Work.CancelAsync(db, runs[3], token), Stop);
        foreach (var error in new[] { null, "a reason" })
        {
            var ended = await ClaimAsync(registry);
            await registry.Store.WriteAsync((db, token) => registry.Work.EndAsync(db, ended, error, token), Stop);
        }
        await ClaimAsync(registry);
        await registry.Store.WriteAsync((db, _) =>
        {
            db.Publish(SampleFacts.Failed(registry.Store, runs[1]));
            return Task.CompletedTask;
        }, Stop);
        time.Advance(TimeSpan.FromSeconds(7));

        var backlog = await Backlog.ReadAsync(registry.Store, Stop);

        backlog.Work.ShouldBe(
        [
            new BacklogWork("train-model", "cpu", WorkState.Queued, 1),
            new BacklogWork("train-model", "cpu", WorkState.Leased, 1),
            new BacklogWork("train-model", "cpu", WorkState.Failed, 1),
            new BacklogWork("train-model", "cuda", WorkState.Queued, 1),
        ], ignoreOrder: true);
        (backlog.OutboxMessages, backlog.OutboxAge).ShouldBe((1, TimeSpan.FromSeconds(7)));

        (await registry.Outbox.DispatchAsync((_, _) => Task.CompletedTask, (_, _) => { }, Stop)).ShouldBe(1);
        (await Backlog.ReadAsync(registry.Store, Stop)).OutboxMessages.ShouldBe(0);
    }

    private static async Task<WorkItem> ClaimAsync(TestRegistry registry) =>
        (await registry.Work.ClaimAsync("train-model", ["cpu"], "worker", Stop)).ShouldNotBeNull();
}
