namespace Mlops.Chaos.Checks;

/// <summary>What kind of promise was broken.</summary>
public enum Breach
{
    /// <summary>An accepted pipeline, or a part of one that ended well, has no result.</summary>
    Lost,

    /// <summary>There is a result beyond the one.</summary>
    Duplicated,

    /// <summary>Something else is not as it must be.</summary>
    Wrong,
}

/// <summary>Something that must not be.</summary>
/// <param name="Breach">What kind of promise was broken.</param>
/// <param name="Text">What, with the ids.</param>
public sealed record Violation(Breach Breach, string Text);
