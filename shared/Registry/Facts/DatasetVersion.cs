using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Mlops.Registry.Facts;

/// <summary>A registered version of a data set: which bytes, read as which columns. Never changes.</summary>
public sealed class DatasetVersion
{
    /// <summary>Primary key.</summary>
    public required Guid Id { get; init; }

    /// <summary>The data set's name.</summary>
    public required string Name { get; init; }

    /// <summary>1, 2, 3 … within the name.</summary>
    public required int Version { get; init; }

    /// <summary>SHA-256 of the bytes, 64 hexadecimal digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Length of the file.</summary>
    public required long Bytes { get; init; }

    /// <summary>Data rows, the header not counted.</summary>
    public required long Rows { get; init; }

    /// <summary>Names and types of the columns, as JSON.</summary>
    public required string Schema { get; init; }

    /// <summary>What was measured about each column, as JSON.</summary>
    public required string Profile { get; init; }

    /// <summary>UTC.</summary>
    public required DateTimeOffset CreatedAt { get; init; }
}

internal sealed class DatasetVersionMapping : IEntityTypeConfiguration<DatasetVersion>
{
    public void Configure(EntityTypeBuilder<DatasetVersion> entity)
    {
        entity.HasIndex(version => new { version.Name, version.Version }).IsUnique();
        entity.HasIndex(version => version.Digest);
    }
}
