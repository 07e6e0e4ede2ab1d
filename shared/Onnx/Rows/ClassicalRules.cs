namespace Mlops.Onnx.Rows;

/// <summary>
/// Operators of classical machine learning. Most take [rows, features]; a vector is one row of features to them, so that
/// rows of one dimension would be taken for the features of one.
/// </summary>
internal static class ClassicalRules
{
    /// <summary>A number for each feature, or one for all.</summary>
    public static Value ForEachFeature(Operation op) => op[0].Dims!.Count == 2 || op.LongestList <= 1 ? ElementwiseRules.Same(op) : Because.OneRow;

    public static Value Normalizer(Operation op) => Row(op) ?? ElementwiseRules.Same(op);

    /// <summary>A class for each row, and its scores.</summary>
    public static Value Classifier(Operation op) => Row(op) ?? (op.Output == 0 ? op.Of((long?)null) : op.Of(null, null));

    public static Value Regressor(Operation op) => Row(op) ?? op.Of(null, null);

    public static Value OneHotEncoder(Operation op) =>
        op.Of([.. op[0].Dims!, Math.Max(op.Integers("cats_int64s")?.Count ?? 0, op.Texts("cats_strings"))]);

    public static Value FeatureVectorizer(Operation op) =>
        op.Inputs.All(input => input is { IsRows: true, Dims.Count: 2 }) ? op.Of(null, null) : Because.OneRow;

    /// <summary>Counts of n-grams: a vector is one text.</summary>
    public static Value Vectorizer(Operation op) => Row(op) ?? op.Of(null, null);

    /// <summary>A text for a text, but stop words are taken out of the batch.</summary>
    public static Value StringNormalizer(Operation op)
    {
        if (op.Texts("stopwords") > 0)
            return Value.Mixed("takes rows out of the batch: it has stop words");
        return op[0].Dims!.Count == 1 ? ElementwiseRules.Same(op) : Value.Mixed("takes a vector of texts");
    }

    private static Value? Row(Operation op) => op[0].Dims!.Count == 2 ? null : Because.OneRow;
}
