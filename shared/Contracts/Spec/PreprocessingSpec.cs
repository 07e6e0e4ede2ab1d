namespace Mlops.Contracts.Spec;

/// <summary>
/// What happens to columns before a model sees them; fitted on the training rows only, and all of it written into the ONNX
/// graph. What stands here holds for every column, what stands under <see cref="Columns"/> for one.
/// </summary>
public sealed record PreprocessingSpec
{
    internal const int MostBuckets = 65_536;

    /// <summary>How numbers are brought to a common size.</summary>
    public Scaling Numeric { get; init; } = Scaling.Standard;

    /// <summary>What stands in for a missing number.</summary>
    public Imputation Impute { get; init; } = Imputation.Mean;

    /// <summary>Whether a number that is missing in a training row has an indicator beside it, 1 where it is missing.</summary>
    public bool MissingIndicator { get; init; } = true;

    /// <summary>How texts become numbers.</summary>
    public TextEncoding Encoding { get; init; } = TextEncoding.Auto;

    /// <summary>
    /// Training rows that a level of a one-hot column must have for an indicator of its own. All rarer ones share one, which
    /// values that training never saw set too; where no level is rarer, those set none.
    /// </summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Indicators of a hashed column.</summary>
    public int Buckets { get; init; } = 256;

    /// <summary>Which terms of running text count.</summary>
    public TermsSpec Text { get; init; } = new();

    /// <summary>For a regression's targets; undone inside the graph, so that answers are in the targets' own units.</summary>
    public TargetScaling Target { get; init; } = TargetScaling.Standard;

    /// <summary>Columns of which something else holds, by name.</summary>
    public IReadOnlyDictionary<string, ColumnPreprocessingSpec> Columns { get; init; } = new Dictionary<string, ColumnPreprocessingSpec>();

    /// <summary>What holds for a column, nothing left open but <see cref="ColumnPreprocessingSpec.Order"/>.</summary>
    public ColumnPreprocessingSpec Of(string column)
    {
        var own = Columns.GetValueOrDefault(column) ?? new ColumnPreprocessingSpec();
        return own with
        {
            Scaling = own.Scaling ?? Numeric,
            Impute = own.Impute ?? Impute,
            MissingIndicator = own.MissingIndicator ?? MissingIndicator,
            Log = own.Log ?? false,
            Encoding = own.Encoding ?? Encoding,
            MinCount = own.MinCount ?? MinCount,
            Buckets = own.Buckets ?? Buckets,
        };
    }

    internal static PreprocessingSpec Read(SpecReader reader, TaskKind task)
    {
        var otherwise = new PreprocessingSpec();
        var spec = new PreprocessingSpec
        {
            Numeric = reader.Choice("numeric", otherwise.Numeric),
            Impute = reader.Choice("impute", otherwise.Impute),
            MissingIndicator = reader.Flag("missingIndicator", otherwise.MissingIndicator),
            Encoding = reader.Choice("encoding", otherwise.Encoding),
            MinCount = reader.Integer("minCount", otherwise.MinCount, 1),
            Buckets = reader.Integer("buckets", otherwise.Buckets, 2, MostBuckets),
            Text = TermsSpec.Read(reader.Section("text")),
            Target = reader.Choice("target", otherwise.Target),
            Columns = ReadColumns(reader.Section("columns")),
        };
        if (task == TaskKind.Classification && spec.Target != TargetScaling.Standard)
            reader.Report("target", "not accepted for a classification: classes are not scaled");
        reader.End();
        return spec;
    }

    private static SortedDictionary<string, ColumnPreprocessingSpec> ReadColumns(SpecReader reader)
    {
        var columns = new SortedDictionary<string, ColumnPreprocessingSpec>(StringComparer.Ordinal);
        foreach (var name in reader.OwnNames())
            columns[name] = ColumnPreprocessingSpec.Read(reader.Section(name));
        return columns;
    }
}

/// <summary>How numbers are brought to a common size, by values fitted on the training rows only.</summary>
public enum Scaling
{
    /// <summary>Minus the mean, divided by the standard deviation.</summary>
    Standard,

    /// <summary>As they are.</summary>
    None,

    /// <summary>Minus the smallest, divided by the range: 0 to 1 in the training rows.</summary>
    MinMax,

    /// <summary>Minus the median, divided by the distance between the quartiles; where that is 0, by half the range.</summary>
    Robust,

    /// <summary>The share of training rows below, 0 to 1, linear between 100 quantiles: what is far out is not far out any more.</summary>
    Quantile,
}

/// <summary>How a regression's target is brought to a common size.</summary>
public enum TargetScaling
{
    /// <summary>Minus the mean, divided by the standard deviation.</summary>
    Standard,

    /// <summary>As it is.</summary>
    None,
}

/// <summary>What stands in for a missing number.</summary>
public enum Imputation
{
    /// <summary>The mean of the training rows.</summary>
    Mean,

    /// <summary>The median of the training rows.</summary>
    Median,

    /// <summary>0.</summary>
    Zero,
}

/// <summary>How a column of texts becomes numbers.</summary>
public enum TextEncoding
{
    /// <summary>By what the training rows hold: boolean, date, text (several words, seldom the same), one-hot, or hash where that would be wider.</summary>
    Auto,

    /// <summary>An indicator for each level, and for a missing one.</summary>
    OneHot,

    /// <summary>The level's place in an order, scaled as numbers are.</summary>
    Ordinal,

    /// <summary>1 for true, yes, y, t and on, 0 for false, no, n, f and off, whatever the case.</summary>
    Boolean,

    /// <summary>Days since 1970, scaled as numbers are, and where in the year, the month, the week and the day.</summary>
    Date,

    /// <summary>One of a number of indicators, found by MurmurHash3: for very many levels.</summary>
    Hash,

    /// <summary>How much each term stands out in the text, TF-IDF.</summary>
    Text,
}
