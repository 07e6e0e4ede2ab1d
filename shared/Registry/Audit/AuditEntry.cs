using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Audit;

/// <summary>One line of the audit log. Append-only: the databases refuse to update or delete it.</summary>
public sealed class AuditEntry
{
    /// <summary>1, 2, 3 … without a gap; primary key.</summary>
    public required long Sequence { get; init; }

    /// <summary>UTC, in whole microseconds.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The service, or the person, that did it.</summary>
    public required string Actor { get; init; }

    /// <summary>What was done, such as <c>dataset.registered</c>.</summary>
    public required string Action { get; init; }

    /// <summary>The fact that it was done to, or that it made.</summary>
    public required Guid SubjectId { get; init; }

    /// <summary>What an auditor wants to see of it, as JSON, kept as it was hashed.</summary>
    public required string Data { get; init; }

    /// <summary><see cref="Hash"/> of the entry before; 64 zeros for the first.</summary>
    public required string PreviousHash { get; init; }

    /// <summary>SHA-256, 64 hexadecimal digits; see <see cref="AuditChain.HashOf"/>.</summary>
    public string Hash { get; internal set; } = "";
}

internal sealed class AuditEntryMapping : IEntityTypeConfiguration<AuditEntry>
{
    public void Configure(EntityTypeBuilder<AuditEntry> entity)
    {
        entity.HasKey(entry => entry.Sequence);
        entity.Property(entry => entry.Sequence).ValueGeneratedNever();
        entity.HasIndex(entry => entry.SubjectId);
    }
}
