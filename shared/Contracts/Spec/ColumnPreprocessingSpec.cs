using System.Text.Json.Serialization;

namespace Mlops.Contracts.Spec;

/// <summary>What happens to one column, where it is something else than to the others; null where it is not.</summary>
public sealed record ColumnPreprocessingSpec
{
    /// <summary>Of numbers, and of what becomes one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Scaling? Scaling { get; init; }

    /// <summary>Whether numbers are replaced by sign(x) · ln(1 + |x|) before they are scaled.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Log { get; init; }

    /// <inheritdoc cref="PreprocessingSpec.Impute"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Imputation? Impute { get; init; }

    /// <inheritdoc cref="PreprocessingSpec.MissingIndicator"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? MissingIndicator { get; init; }

    /// <inheritdoc cref="PreprocessingSpec.Encoding"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public TextEncoding? Encoding { get; init; }

    /// <summary>Of an ordinal column: its levels from the lowest to the highest; the order of their texts unless given.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Order { get; init; }

    /// <inheritdoc cref="PreprocessingSpec.MinCount"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? MinCount { get; init; }

    /// <inheritdoc cref="PreprocessingSpec.Buckets"/>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Buckets { get; init; }

    /// <summary>Whether it says what only numbers can be asked.</summary>
    [JsonIgnore]
    public bool IsOfNumbers => Scaling is not null || Log is not null || Impute is not null || MissingIndicator is not null;

    /// <summary>Whether it says what only texts can be asked.</summary>
    [JsonIgnore]
    public bool IsOfTexts => Encoding is not null || Order is not null || MinCount is not null || Buckets is not null;

    internal static ColumnPreprocessingSpec Read(SpecReader reader)
    {
        var spec = new ColumnPreprocessingSpec
        {
            Scaling = reader.Has("scaling") ? reader.Choice("scaling", Spec.Scaling.Standard) : null,
            Log = reader.Has("log") ? reader.Flag("log", false) : null,
            Impute = reader.Has("impute") ? reader.Choice("impute", Imputation.Mean) : null,
            MissingIndicator = reader.Has("missingIndicator") ? reader.Flag("missingIndicator", true) : null,
            Encoding = reader.Has("encoding") ? reader.Choice("encoding", TextEncoding.Auto) : null,
            Order = reader.Texts("order"),
            MinCount = reader.Has("minCount") ? reader.Integer("minCount", 1, 1) : null,
            Buckets = reader.Has("buckets") ? reader.Integer("buckets", 2, 2, PreprocessingSpec.MostBuckets) : null,
        };
        if (spec.Order is { } order && order.Distinct(StringComparer.Ordinal).Count() != order.Count)
            reader.Report("order", "a level stands twice; each is accepted once");
        if (spec.Order is not null && spec.Encoding != TextEncoding.Ordinal)
            reader.Report("order", "is accepted with encoding ordinal only");
        reader.End();
        return spec;
    }
}
