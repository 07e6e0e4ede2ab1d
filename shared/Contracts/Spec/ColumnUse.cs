namespace Mlops.Contracts.Spec;

/// <summary>How a column is to be read, where inference is overridden.</summary>
public enum ColumnUse
{
    /// <summary>As numbers.</summary>
    Numeric,

    /// <summary>As one of a set of texts.</summary>
    Categorical,

    /// <summary>Not at all.</summary>
    Ignore,
}
