using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;

namespace Mlops.Registry.Audit;

/// <summary>
/// The hash chain over the audit log: an entry's hash covers its content and the hash before it, so that a change
/// anywhere breaks every hash from there on.
/// </summary>
public static class AuditChain
{
    /// <summary>What the first entry has as the hash before it.</summary>
    public static string Genesis { get; } = new('0', 64);

    /// <summary>
    /// SHA-256 over the previous hash (32 bytes) followed by <see cref="TextOf"/> in UTF-8.
    /// </summary>
    /// <returns>64 lower-case hexadecimal digits.</returns>
    public static string HashOf(AuditEntry entry) =>
        Convert.ToHexStringLower(SHA256.HashData([.. Convert.FromHexString(entry.PreviousHash), .. Encoding.UTF8.GetBytes(TextOf(entry))]));

    /// <summary>
    /// The entry as it is hashed: JSON without spaces,
    /// <c>{"sequence":…,"at":"…","actor":…,"action":…,"subjectId":…,"data":…}</c>, where <c>at</c> is in the
    /// form <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c> and <c>data</c> stands as it is stored.
    /// </summary>
    public static string TextOf(AuditEntry entry) =>
        Numbered(entry.Sequence, TextAfterNumber(entry.At, new PendingAudit(entry.Actor, entry.Action, entry.SubjectId, entry.Data)));

    /// <summary>An entry's text from after its number on: what can be said of it before it has its place in the chain.</summary>
    internal static string TextAfterNumber(DateTimeOffset at, PendingAudit entry)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("at", at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ"));
            json.WriteString("actor", entry.Actor);
            json.WriteString("action", entry.Action);
            json.WriteString("subjectId", entry.SubjectId);
            json.WritePropertyName("data");
            json.WriteRawValue(entry.Data);
            json.WriteEndObject();
        }
        return $",{Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(1, (int)buffer.Length - 1))}";
    }

    /// <summary>Reads the whole log in order and checks every hash and link.</summary>
    /// <returns>How many entries there are, and the first sequence number at which the chain is broken, if it is.</returns>
    public static async Task<AuditVerification> VerifyAsync(RegistryDbContext db, CancellationToken cancellationToken)
    {
        var count = 0L;
        var (previous, last) = (Genesis, 0L);
        await foreach (var entry in db.AuditEntries.AsNoTracking().OrderBy(entry => entry.Sequence).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            count++;
            if (entry.Sequence != last + 1 || entry.PreviousHash != previous || entry.Hash != HashOf(entry))
                return new AuditVerification(count, last + 1, null);
            (previous, last) = (entry.Hash, entry.Sequence);
        }
        return new AuditVerification(count, null, previous);
    }

    /// <summary>
    /// Appends entries to the log of a database in which this transaction is the only one that writes. PostgreSQL, where it
    /// is not, has a function for it.
    /// </summary>
    internal static async Task AppendAsync(RegistryDbContext db, IReadOnlyList<PendingAudit> pending, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var head = await db.AuditEntries.AsNoTracking().OrderByDescending(entry => entry.Sequence)
            .Select(entry => new { entry.Sequence, entry.Hash }).FirstOrDefaultAsync(cancellationToken);
        var (sequence, hash) = (head?.Sequence ?? 0, head?.Hash ?? Genesis);
        foreach (var next in pending)
        {
            var entry = new AuditEntry
            {
                Sequence = ++sequence,
                At = now,
                Actor = next.Actor,
                Action = next.Action,
                SubjectId = next.SubjectId,
                Data = next.Data,
                PreviousHash = hash,
            };
            hash = entry.Hash = HashOf(entry);
            db.AuditEntries.Add(entry);
        }
        await db.SaveChangesAsync(cancellationToken);
    }

    private static string Numbered(long sequence, string textAfterNumber) => string.Create(CultureInfo.InvariantCulture, $"{{\"sequence\":{sequence}{textAfterNumber}");
}

/// <summary>What a check of the audit log found.</summary>
/// <param name="Entries">Entries read.</param>
/// <param name="BrokenAt">The first sequence number that is missing or changed; null when the chain holds.</param>
/// <param name="Head">The last hash, when the chain holds.</param>
public sealed record AuditVerification(long Entries, long? BrokenAt, string? Head);

internal sealed record PendingAudit(string Actor, string Action, Guid SubjectId, string Data);
