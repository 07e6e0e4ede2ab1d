namespace Mlops.Contracts;

/// <summary>How a trial of a search ended. The names are stored.</summary>
public enum TrialState
{
    /// <summary>It was trained to its end.</summary>
    Completed,

    /// <summary>It was stopped early, because others were better.</summary>
    Pruned,

    /// <summary>It could not be trained; the others can.</summary>
    Failed,
}
