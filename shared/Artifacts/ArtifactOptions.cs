using System.ComponentModel.DataAnnotations;

namespace Mlops.Artifacts;

/// <summary>What keeps the artifacts.</summary>
public enum ArtifactStoreKind
{
    /// <summary>A folder, which several processes may share.</summary>
    Folder,

    /// <summary>A bucket of AWS S3 or of a server that speaks its protocol: MinIO, Ceph, Swift.</summary>
    S3,
}

/// <summary>Where artifacts are kept. Configuration section <c>Artifacts</c>.</summary>
public sealed class ArtifactOptions : IValidatableObject
{
    /// <summary>What keeps them.</summary>
    public ArtifactStoreKind Store { get; set; } = ArtifactStoreKind.Folder;

    /// <summary>For a folder: its path; made when it is not there.</summary>
    public string Root { get; set; } = "";

    /// <summary>For a bucket: where it is.</summary>
    public S3Options S3 { get; set; } = new();

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Store == ArtifactStoreKind.S3)
            return S3.Problems().Select(problem => new ValidationResult(problem.Message, [$"S3:{problem.Field}"]));
        return Root.Length > 0 ? [] : [new ValidationResult("The Root field is required.", [nameof(Root)])];
    }
}
