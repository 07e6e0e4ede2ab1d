using System.ComponentModel.DataAnnotations;

namespace Mlops.Governance;

/// <summary>Settings of the governance service.</summary>
public sealed class GovernanceOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Governance";

    /// <summary>Largest model file that is taken, in bytes. It is held in memory while it is checked.</summary>
    [Range(1, int.MaxValue)]
    public int MaxModelBytes { get; set; } = 512 << 20;
}
