using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;
using Mlops.Governance.ModelCheck;

namespace Mlops.Governance;

/// <summary>Settings of the governance service.</summary>
public sealed class GovernanceOptions
{
    /// <summary>The configuration section that these are read from.</summary>
    public const string Section = "Governance";

    /// <summary>Largest model file that is taken, in bytes. It is held in memory while it is checked.</summary>
    [Range(1, int.MaxValue)]
    public int MaxModelBytes { get; set; } = 512 << 20;

    /// <summary>What a model that was made elsewhere may take while it is tried.</summary>
    [ValidateObjectMembers]
    public ModelCheckOptions ModelCheck { get; set; } = new();
}
