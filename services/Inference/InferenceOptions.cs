using System.ComponentModel.DataAnnotations;

namespace Mlops.Inference;

/// <summary>Settings of the inference service.</summary>
public sealed class InferenceOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Inference";

    /// <summary>Largest message that a caller may send, in bytes.</summary>
    [Range(1024, int.MaxValue)]
    public int MaxMessageBytes { get; set; } = 64 << 20;

    /// <summary>Most rows that one request may hold, where a model's first dimension varies.</summary>
    [Range(1, int.MaxValue)]
    public int MaxBatchSize { get; set; } = 1_000_000;
}
