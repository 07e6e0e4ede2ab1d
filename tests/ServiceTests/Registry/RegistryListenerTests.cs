using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

/// <summary>Two processes on one PostgreSQL: what one commits wakes the loops of the other.</summary>
public sealed class RegistryListenerTests(Databases databases)
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Commit_InAnotherProcess_WakesOutboxWorkAndRuns()
    {
        var database = await databases.Postgres.CreateDatabaseAsync();
        await using TestRegistry writer = TestRegistry.OpenPostgres(database), listener = TestRegistry.OpenPostgres(database);
        await writer.Schema.MigrateAsync(Stop);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        var begun = listener.Get<WorkSignal>().Of("train-model").Next;
        var listening = listener.Get<RegistryListener>().ListenAsync(stop.Token);
        // It wakes everybody once, as soon as it hears.
        await begun.WaitAsync(Longest, Stop);
        var woken = Task.WhenAll(listener.Get<OutboxSignal>().Next, listener.Get<WorkSignal>().Of("train-model").Next, listener.Get<RunSignal>().Next);
        var other = listener.Get<WorkSignal>().Of("evaluate-model").Next;

        await writer.Store.WriteAsync(async (db, token) =>
        {
            var run = writer.Store.NewId();
            db.Publish(SampleFacts.Failed(writer.Store, run));
            await writer.Work.EnqueueAsync(db, "train-model", run, run, "cpu", token);
        }, Stop);

        await woken.WaitAsync(Longest, Stop);
        other.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await listening.ShouldThrowAsync<OperationCanceledException>();
    }
}
