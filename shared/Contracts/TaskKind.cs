namespace Mlops.Contracts;

/// <summary>What kind of question a model answers.</summary>
public enum TaskKind
{
    /// <summary>Which one of several classes.</summary>
    Classification,

    /// <summary>Which number, or numbers.</summary>
    Regression,
}
