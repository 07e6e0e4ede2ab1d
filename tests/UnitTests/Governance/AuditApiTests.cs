using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

public sealed class AuditApiTests : IAsyncLifetime
{
    private readonly GovernanceHost _host = new();

    public ValueTask InitializeAsync() => _host.InitializeAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    // As an outsider would, from the answer alone.
    [Fact]
    public async Task Audit_RecomputedByTheDocumentedRule_GivesEveryHash()
    {
        var page = await _host.GetAsync("/audit");

        page.GetProperty("hashRule").GetString().ShouldStartWith("hash = SHA-256 of the 32 bytes of previousHash followed by the UTF-8 bytes of text");
        var previous = new string('0', 64);
        foreach (var entry in page.GetProperty("entries").EnumerateArray())
        {
            var text = entry.GetProperty("text").GetString()!;
            entry.GetProperty("previousHash").GetString().ShouldBe(previous);
            previous = Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(previous), .. Encoding.UTF8.GetBytes(text)]));
            entry.GetProperty("hash").GetString().ShouldBe(previous);

            var hashed = JsonElement.Parse(text);
            foreach (var field in new[] { "sequence", "actor", "action", "subjectId", "data" })
                JsonElement.DeepEquals(hashed.GetProperty(field), entry.GetProperty(field)).ShouldBeTrue(field);
            hashed.GetProperty("at").GetDateTimeOffset().ShouldBe(entry.GetProperty("at").GetDateTimeOffset());
        }
        (await _host.GetAsync("/audit/verify")).GetProperty("head").GetString().ShouldBe(previous);
    }

    [Fact]
    public async Task Audit_PageByPage_MeetsEachEntryOnce()
    {
        var first = await _host.GetAsync("/audit?limit=2");
        var second = await _host.GetAsync($"/audit?limit=2&after={first.GetProperty("next").GetInt64()}");

        Sequences(first).ShouldBe([1, 2]);
        Sequences(second).ShouldBe([3]);
        second.TryGetProperty("next", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task Audit_OfASubject_ListsItsEntriesOnly() =>
        Sequences(await _host.GetAsync($"/audit?subject={SampleFacts.Original}")).ShouldBe([2]);

    [Theory]
    [InlineData("/audit?after=-1", "after: '-1' is not accepted; a whole number from 0 to 9223372036854775807 is")]
    [InlineData("/audit?subject=iris", "subject: 'iris' is not an id; a UUID such as 01990000-0000-7000-8000-000000000000 is accepted")]
    public async Task Audit_BadValue_FaultNamesItAndWhatIsAccepted(string path, string detail) =>
        (await _host.GetProblemAsync(path, HttpStatusCode.BadRequest)).ShouldBe(detail);

    [Fact]
    public async Task Verify_Untouched_Holds()
    {
        var check = await _host.GetAsync("/audit/verify");

        check.GetProperty("holds").GetBoolean().ShouldBeTrue();
        check.GetProperty("entries").GetInt64().ShouldBe(3);
        check.TryGetProperty("brokenAt", out _).ShouldBeFalse();
    }

    // Somebody with the database's owner's rights takes the trigger away and rewrites an entry.
    [Fact]
    public async Task Verify_EntryRewritten_SaysWhichAndSoDoesThePage()
    {
        await _host.Registry.WriteAsync(async (db, token) =>
        {
            await db.Database.ExecuteSqlRawAsync("DROP TRIGGER audit_entries_no_update", token);
            await db.Database.ExecuteSqlRawAsync("UPDATE audit_entries SET actor = 'nobody' WHERE sequence = 2", token);
        }, TestContext.Current.CancellationToken);

        var check = await _host.GetAsync("/audit/verify");
        var (_, html) = await _host.GetPageAsync("/ui/audit");

        check.GetProperty("holds").GetBoolean().ShouldBeFalse();
        check.GetProperty("brokenAt").GetInt64().ShouldBe(2);
        html.ShouldContain("the chain is broken");
        html.ShouldContain("Entry 2 is missing or was changed");
    }

    private static IEnumerable<long> Sequences(JsonElement page) =>
        page.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("sequence").GetInt64());
}
