using System.ComponentModel.DataAnnotations;

namespace Mlops.Datasets;

/// <summary>Settings of the dataset service.</summary>
public sealed class DatasetsOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Datasets";

    /// <summary>Largest file that can be registered, in bytes.</summary>
    [Range(1, long.MaxValue)]
    public long MaxFileBytes { get; set; } = 1L << 30;
}
