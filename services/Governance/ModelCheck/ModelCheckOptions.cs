using System.ComponentModel.DataAnnotations;

namespace Mlops.Governance.ModelCheck;

/// <summary>What a model that was made elsewhere may take while it is loaded and run once, before it is accepted.</summary>
public sealed class ModelCheckOptions
{
    /// <summary>Longest time, in seconds.</summary>
    [Range(1, 3600)]
    public int TimeoutSeconds { get; set; } = 30;

    /// <summary>Most memory, in MiB.</summary>
    [Range(64, 1 << 20)]
    public int MemoryMiB { get; set; } = 4096;

    /// <summary>How many are checked at once.</summary>
    [Range(1, 64)]
    public int Concurrency { get; set; } = 2;
}
