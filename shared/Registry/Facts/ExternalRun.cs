using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>A training that was done outside the platform and recorded here, or of which only the model is known. Never changes; its metrics are added.</summary>
public sealed record ExternalRun
{
    /// <summary>Primary key; metric points name it.</summary>
    public required Guid Id { get; init; }

    /// <summary>Name of the model that it makes.</summary>
    public required string Name { get; init; }

    /// <summary>What trained, such as <c>scikit-learn 1.2.1</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Hyper-parameters by name, as JSON.</summary>
    public required string Parameters { get; init; }

    /// <summary>SHA-256 of the data set that it was trained on, 64 hexadecimal digits; null where nobody knows it.</summary>
    public string? DatasetDigest { get; init; }

    /// <summary>Under which license the model may be used, such as <c>Apache-2.0</c>; null where nobody has said so.</summary>
    public string? License { get; init; }

    /// <summary>The data set version of that digest; null when none was registered.</summary>
    public Guid? DatasetVersionId { get; init; }

    /// <summary>UTC; as its caller says.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>UTC; when it was recorded.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class ExternalRunMapping : IEntityTypeConfiguration<ExternalRun>
{
    public void Configure(EntityTypeBuilder<ExternalRun> entity)
    {
        entity.HasIndex(run => new { run.CreatedAt, run.Id });
        entity.HasIndex(run => new { run.Name, run.CreatedAt, run.Id });
        entity.HasOne<DatasetVersion>().WithMany().HasForeignKey(run => run.DatasetVersionId).OnDelete(DeleteBehavior.Restrict);
    }
}
