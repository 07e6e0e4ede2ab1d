using Microsoft.EntityFrameworkCore;
using Mlops.Registry.Audit;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Registry;

public sealed class AuditLogTests(Databases databases)
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Audit_TwoTransactions_ChainHoldsFromTheFirstEntryOn(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        await AuditAsync(registry, "first", "second");
        await AuditAsync(registry, "third");

        var entries = await registry.Store.ReadAsync((db, token) => db.AuditEntries.OrderBy(entry => entry.Sequence).ToListAsync(token), Stop);
        entries.ConvertAll(entry => entry.Sequence).ShouldBe([1, 2, 3]);
        entries[0].PreviousHash.ShouldBe(new string('0', 64));
        entries[1].PreviousHash.ShouldBe(entries[0].Hash);
        entries[2].PreviousHash.ShouldBe(entries[1].Hash);
        (await VerifyAsync(registry)).ShouldBe(new AuditVerification(3, null, entries[2].Hash));
    }

    [Theory]
    [InlineData("Sqlite")]
    [InlineData("Postgres")]
    public async Task Audit_FromManyWritersAtOnce_HasNoGapAndNoFork(string database)
    {
        await using var registry = await databases.CreateAsync(database);
        await Task.WhenAll(Enumerable.Range(0, 24).Select(index => AuditAsync(registry, $"entry {index}")));
        var verification = await VerifyAsync(registry);
        (verification.Entries, verification.BrokenAt).ShouldBe((24, null));
    }

    [Theory]
    [InlineData("Sqlite", "UPDATE audit_entries SET actor = 'somebody else'")]
    [InlineData("Sqlite", "DELETE FROM audit_entries")]
    [InlineData("Postgres", "UPDATE audit_entries SET actor = 'somebody else'")]
    [InlineData("Postgres", "DELETE FROM audit_entries")]
    [InlineData("Postgres", "TRUNCATE audit_entries")]
    public async Task Database_AskedToChangeTheLog_Refuses(string database, string change)
    {
        await using var registry = await databases.CreateAsync(database);
        await AuditAsync(registry, "first");
        var refused = await Should.ThrowAsync<System.Data.Common.DbException>(() =>
            registry.Store.WriteAsync((db, token) => db.Database.ExecuteSqlRawAsync(change, token), Stop));
        refused.Message.ShouldContain("the audit log is append-only");
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET data = '{\"n\":9}' WHERE sequence = 2", 2)]
    [InlineData("UPDATE audit_entries SET actor = 'somebody else' WHERE sequence = 3", 3)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 2", 2)]
    [InlineData("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE sequence = 1", 1)]
    public async Task Verify_WhoeverOwnsTheDatabaseTampered_NamesTheFirstBrokenEntry(string tampering, long brokenAt)
    {
        await using var registry = await databases.CreateAsync("Postgres");
        await AuditAsync(registry, "first", "second", "third", "fourth");
        await registry.Store.WriteAsync(async (db, token) =>
        {
            await db.Database.ExecuteSqlRawAsync("ALTER TABLE audit_entries DISABLE TRIGGER audit_entries_append_only", token);
            // Braces of a format string, as the call takes one.
            await db.Database.ExecuteSqlRawAsync(tampering.Replace("{", "{{").Replace("}", "}}"), token);
        }, Stop);
        (await VerifyAsync(registry)).BrokenAt.ShouldBe(brokenAt);
    }

    private static Task AuditAsync(TestRegistry registry, params string[] actions) => registry.Store.WriteAsync((db, _) =>
    {
        foreach (var action in actions)
            db.Audit("tester", action, Guid.Parse("01890000-0000-7000-8000-000000000001"), new { text = "ä <\"quoted\"> 1" });
        return Task.CompletedTask;
    }, Stop);

    private static Task<AuditVerification> VerifyAsync(TestRegistry registry) =>
        registry.Store.ReadAsync(AuditChain.VerifyAsync, Stop);
}
