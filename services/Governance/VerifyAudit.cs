using Mlops.Registry;
using Mlops.Registry.Audit;

namespace Mlops.Governance;

/// <summary>What a check of the whole audit log found.</summary>
/// <param name="Holds">Whether every hash and every link is right.</param>
/// <param name="Entries">Entries read.</param>
/// <param name="BrokenAt">The first sequence number that is missing or changed.</param>
/// <param name="Head">The last hash; keep it, and a later check shows whether the log up to it is still the same.</param>
/// <param name="HashRule">How to recompute an entry's hash.</param>
public sealed record AuditCheck(bool Holds, long Entries, long? BrokenAt, string? Head, string HashRule);

internal static class VerifyAudit
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/audit/verify", (RegistryStore registry, CancellationToken cancellationToken) => registry.ReadAsync(ReadAsync, cancellationToken))
            .WithName(nameof(VerifyAudit)).WithTags("Audit").WithSummary("Recomputes every hash of the audit log and says where the chain is broken, if it is");

    public static async Task<AuditCheck> ReadAsync(RegistryDbContext db, CancellationToken cancellationToken)
    {
        var found = await AuditChain.VerifyAsync(db, cancellationToken);
        return new AuditCheck(found.BrokenAt is null, found.Entries, found.BrokenAt, found.Head, ListAudit.HashRule);
    }
}
