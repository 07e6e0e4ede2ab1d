using System.ComponentModel.DataAnnotations;

namespace Mlops.Artifacts;

/// <summary>Where artifacts are kept. Configuration section <c>Artifacts</c>.</summary>
public sealed class ArtifactOptions
{
    /// <summary>A folder; made when it is not there.</summary>
    [Required]
    public string Root { get; set; } = "";
}
