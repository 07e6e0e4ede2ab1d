using System.ComponentModel;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;
using Mlops.Registry.Audit;

namespace Mlops.Governance;

/// <summary>Entries of the audit log.</summary>
/// <param name="HashRule">How to recompute an entry's hash.</param>
/// <param name="Entries">In order.</param>
/// <param name="Next">What to give as <c>after</c> for the next page; absent on the last.</param>
public sealed record AuditPage(string HashRule, IReadOnlyList<AuditLine> Entries, long? Next);

/// <summary>One entry.</summary>
/// <param name="Sequence">1, 2, 3 … without a gap.</param>
/// <param name="At">UTC.</param>
/// <param name="Actor">The service, or the person, that did it.</param>
/// <param name="Action">What was done.</param>
/// <param name="SubjectId">The fact that it was done to, or that it made.</param>
/// <param name="Data">What an auditor wants to see of it.</param>
/// <param name="Text">The entry as it was hashed.</param>
/// <param name="PreviousHash">Hash of the entry before; 64 zeros for the first.</param>
/// <param name="Hash">SHA-256, 64 hexadecimal digits.</param>
public sealed record AuditLine(
    long Sequence, DateTimeOffset At, string Actor, string Action, Guid SubjectId, JsonElement Data, string Text, string PreviousHash, string Hash)
{
    internal static AuditLine Of(AuditEntry entry) => new(
        entry.Sequence, entry.At, entry.Actor, entry.Action, entry.SubjectId, JsonElement.Parse(entry.Data), AuditChain.TextOf(entry), entry.PreviousHash, entry.Hash);
}

internal static class ListAudit
{
    /// <summary>What an outsider needs to check the chain without us.</summary>
    public const string HashRule =
        "hash = SHA-256 of the 32 bytes of previousHash followed by the UTF-8 bytes of text, in lower-case hexadecimal; previousHash is the hash of the "
        + "entry whose sequence is one less, and 64 zeros for sequence 1; text is the entry as JSON without spaces, "
        + """{"sequence":…,"at":"yyyy-MM-ddTHH:mm:ss.ffffffZ","actor":…,"action":…,"subjectId":…,"data":…}""";

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/audit", (
                RegistryStore registry,
                [Description("Only entries after this sequence number.")] string? after,
                [Description("Only entries about the fact with this id.")] string? subject,
                [Description(RequestValues.LimitRule)] string? limit,
                CancellationToken cancellationToken) =>
            registry.ReadAsync((db, token) => ReadAsync(db, after, subject, limit, token), cancellationToken))
            .WithName(nameof(ListAudit)).WithTags("Audit").WithSummary("Lists entries of the audit log in order, with all that is needed to recompute their hashes")
            .ProducesProblem(StatusCodes.Status400BadRequest);

    public static async Task<AuditPage> ReadAsync(RegistryDbContext db, string? after, string? subject, string? limit, CancellationToken cancellationToken)
    {
        var count = RequestValues.Limit(limit);
        var last = RequestValues.Whole("after", after, 0, 0, long.MaxValue);
        var entries = Of(db, RequestValues.OptionalId("subject", subject)).Where(entry => entry.Sequence > last).OrderBy(entry => entry.Sequence);
        var found = await entries.Take(count + 1).ToListAsync(cancellationToken);
        return new AuditPage(HashRule, [.. found.Take(count).Select(AuditLine.Of)], found.Count > count ? found[count - 1].Sequence : null);
    }

    /// <summary>The newest first, as a person reads a log; <see cref="AuditPage.Next"/> is the <paramref name="before"/> of the older ones.</summary>
    public static async Task<AuditPage> ReadNewestAsync(RegistryDbContext db, string? before, string? subject, CancellationToken cancellationToken)
    {
        var below = RequestValues.Whole("before", before, long.MaxValue, 1, long.MaxValue);
        var entries = Of(db, RequestValues.OptionalId("subject", subject)).Where(entry => entry.Sequence < below).OrderByDescending(entry => entry.Sequence);
        var found = await entries.Take(RequestValues.DefaultLimit + 1).ToListAsync(cancellationToken);
        return new AuditPage(
            HashRule, [.. found.Take(RequestValues.DefaultLimit).Select(AuditLine.Of)],
            found.Count > RequestValues.DefaultLimit ? found[RequestValues.DefaultLimit - 1].Sequence : null);
    }

    private static IQueryable<AuditEntry> Of(RegistryDbContext db, Guid? subject) =>
        subject is { } id ? db.AuditEntries.Where(entry => entry.SubjectId == id) : db.AuditEntries;
}
