namespace Mlops.Contracts.Rollouts;

/// <summary>How a new version is tried before it takes its name over.</summary>
public enum RolloutMode
{
    /// <summary>It answers a share of the requests.</summary>
    Canary,

    /// <summary>It is given copies of a share of the requests, and its answers are compared and thrown away.</summary>
    Shadow,
}

/// <summary>What became of a rollout at one of its steps.</summary>
public enum RolloutStepKind
{
    /// <summary>It began.</summary>
    Started,

    /// <summary>Its share changed.</summary>
    Reweighted,

    /// <summary>Its version was promoted: the end.</summary>
    Finished,

    /// <summary>A person ended it, or another version was promoted: the end.</summary>
    Stopped,

    /// <summary>Its version broke an objective: the end.</summary>
    RolledBack,
}
