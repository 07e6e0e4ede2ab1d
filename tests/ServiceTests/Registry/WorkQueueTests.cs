using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Durability;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

public sealed class WorkQueueTests(Databases databases)
{
    private const string Kind = "train-model";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Enqueue_SameKindAndSubjectTwice_IsThereOnce(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        var subject = registry.Store.NewId();
        await EnqueueAsync(registry, subject);
        await EnqueueAsync(registry, subject);
        (await registry.Store.ReadAsync((db, token) => db.WorkItems.CountAsync(token), Stop)).ShouldBe(1);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Claim_ByManyAtOnce_GivesEachItemToOne(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        for (var i = 0; i < 20; i++)
            await EnqueueAsync(registry, registry.Store.NewId());
        var claims = await Task.WhenAll(Enumerable.Range(0, 24).Select(worker => ClaimAsync(registry, $"worker {worker}")));
        var items = claims.OfType<WorkItem>().ToList();
        items.Select(item => item.Id).Distinct().Count().ShouldBe(20);
        items.ShouldAllBe(item => item.State == WorkState.Leased && item.Attempt == 1);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Claim_ItemThatNeedsCuda_IsLeftToAWorkerThatHasIt(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        await EnqueueAsync(registry, registry.Store.NewId(), "cuda");
        (await ClaimAsync(registry, "cpu worker")).ShouldBeNull();
        (await registry.Work.ClaimAsync(Kind, ["cpu", "cuda"], "gpu worker", Stop)).ShouldNotBeNull();
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Claim_LeaseExpired_PassesTheItemOnAndRefusesTheOldWorker(string database)
    {
        var time = new ManualTime();
        await using var registry = await databases.CreateAsync(database, time);
        await EnqueueAsync(registry, registry.Store.NewId());
        var first = (await ClaimAsync(registry, "first"))!;
        time.Advance(WorkQueue.Lease - TimeSpan.FromSeconds(1));
        (await ClaimAsync(registry, "second")).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(2));

        var second = (await ClaimAsync(registry, "second"))!;
        (second.Id, second.Attempt, second.Failures, second.Worker).ShouldBe((first.Id, 2, 1, "second"));
        (await registry.Work.RenewAsync(first, Stop)).ShouldBeFalse();
        await Should.ThrowAsync<LeaseLostException>(() => registry.Store.WriteAsync(async (db, token) =>
        {
            db.DatasetVersions.Add(SampleFacts.Dataset(registry.Store));
            await registry.Work.EndAsync(db, first, error: null, token);
        }, Stop));
        (await registry.Store.ReadAsync((db, token) => db.DatasetVersions.AnyAsync(token), Stop)).ShouldBeFalse();
        await registry.Store.WriteAsync((db, token) => registry.Work.EndAsync(db, second, error: null, token), Stop);
        (await StateAsync(registry, first.Id)).ShouldBe(WorkState.Done);
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Renew_BeforeTheLeaseExpires_KeepsTheItem(string database)
    {
        var time = new ManualTime();
        await using var registry = await databases.CreateAsync(database, time);
        await EnqueueAsync(registry, registry.Store.NewId());
        var item = (await ClaimAsync(registry, "first"))!;
        for (var i = 0; i < 3; i++)
        {
            time.Advance(WorkQueue.Lease / 2);
            (await registry.Work.RenewAsync(item, Stop)).ShouldBeTrue();
        }
        (await ClaimAsync(registry, "second")).ShouldBeNull();
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Release_AfterAnError_ComesBackLaterAndCountsTheFailure(string database)
    {
        var time = new ManualTime();
        await using var registry = await databases.CreateAsync(database, time);
        await EnqueueAsync(registry, registry.Store.NewId());
        await registry.Work.ReleaseAsync((await ClaimAsync(registry, "first"))!, "the disk was full", TimeSpan.FromSeconds(4), Stop);
        (await ClaimAsync(registry, "second")).ShouldBeNull();
        time.Advance(TimeSpan.FromSeconds(5));
        var again = (await ClaimAsync(registry, "second"))!;
        (again.Attempt, again.Failures, again.Error).ShouldBe((2, 1, "the disk was full"));
    }

    private static Task EnqueueAsync(TestRegistry registry, Guid subject, string requirement = "cpu") =>
        registry.Store.WriteAsync((db, token) => registry.Work.EnqueueAsync(db, Kind, registry.Store.NewId(), subject, requirement, token), Stop);

    private static Task<WorkItem?> ClaimAsync(TestRegistry registry, string worker) => registry.Work.ClaimAsync(Kind, ["cpu"], worker, Stop);

    private static Task<WorkState> StateAsync(TestRegistry registry, Guid id) =>
        registry.Store.ReadAsync((db, token) => db.WorkItems.Where(item => item.Id == id).Select(item => item.State).SingleAsync(token), Stop);
}
