using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>
/// What stands between a table and the network, fitted on the training rows only. An encoded row holds the numeric features
/// in header order, then each categorical feature's indicators in header order.
/// </summary>
public sealed record Preprocessing
{
    /// <summary>Every feature's column, in header order.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Numeric features, in header order.</summary>
    public required IReadOnlyList<NumericFeature> Numeric { get; init; }

    /// <summary>Categorical features, in header order.</summary>
    public required IReadOnlyList<CategoricalFeature> Categorical { get; init; }

    /// <summary>Whether numeric features are standardised; missing numbers become the mean either way.</summary>
    public required Scaling Scaling { get; init; }

    /// <summary>How the target stands before the network.</summary>
    public required TargetEncoding Target { get; init; }

    /// <summary>Numbers in an encoded row.</summary>
    public int Width => Numeric.Count + Categorical.Sum(feature => feature.Width);

    /// <summary>Learns from the training rows: every column that is neither a target nor ignored is a feature.</summary>
    /// <param name="train">The training rows and no others.</param>
    /// <param name="spec">Says which columns are targets, and how numbers are scaled.</param>
    /// <exception cref="Fault">There are no rows or no features, or columns that cannot be used; all such columns are named.</exception>
    public static Preprocessing Fit(Table train, PipelineSpec spec)
    {
        if (train.Rows == 0)
            throw Fault.Invalid("split.train", "there are no training rows; at least one is accepted");
        var features = FeatureColumns.Of(spec, train);
        if (features.Count == 0)
            throw Fault.Invalid("columns", "no column is left as a feature; at least one besides the target is accepted");
        RefuseReservedNames(features);

        var problems = new List<Problem>();
        var numeric = new List<NumericFeature>();
        foreach (var column in features.OfType<NumericColumn>())
            Collect(problems, () => numeric.Add(NumericFeature.Fit(column.Name, column.Values)));
        TargetEncoding? target = null;
        Collect(problems, () => target = TargetEncoding.Fit(train, spec));
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);

        return new Preprocessing
        {
            Columns = [.. features.Select(column => column.Name)],
            Numeric = numeric,
            Categorical = [.. features.OfType<CategoricalColumn>().Select(CategoricalFeature.Fit)],
            Scaling = spec.Preprocessing.Numeric,
            Target = target!,
        };
    }

    /// <summary>The rows as the network takes them: rows × <see cref="Width"/>, row-major.</summary>
    /// <exception cref="Fault">A column is missing or holds the other type.</exception>
    public float[] Encode(Table table)
    {
        var width = Width;
        var encoded = new float[(long)table.Rows * width];
        for (var index = 0; index < Numeric.Count; index++)
            EncodeNumeric(Numeric[index], ColumnOf<NumericColumn>(table, Numeric[index].Name, "numbers").Values, encoded, index, width);
        var offset = Numeric.Count;
        foreach (var feature in Categorical)
        {
            feature.Encode(ColumnOf<CategoricalColumn>(table, feature.Name, "texts"), encoded, offset, width);
            offset += feature.Width;
        }
        return encoded;
    }

    // In 32-bit floats and in the order of the exported graph's operators, so that both give the same bits.
    private void EncodeNumeric(NumericFeature feature, ReadOnlySpan<double> values, Span<float> encoded, int index, int width)
    {
        var (mean, deviation) = ((float)feature.Mean, (float)feature.Deviation);
        for (var row = 0; row < values.Length; row++)
        {
            var value = double.IsNaN(values[row]) ? mean : (float)values[row];
            encoded[(row * width) + index] = Scaling == Scaling.None ? value : (value - mean) / deviation;
        }
    }

    // With texts among the features each column is an input of its own, and no name may stand for two tensors.
    private static void RefuseReservedNames(IReadOnlyList<Column> features)
    {
        string[] reserved = [ModelSignature.LabelOutput, ModelSignature.ProbabilitiesOutput, ModelSignature.ValueOutput];
        if (features.All(column => column is NumericColumn))
            return;
        var problems = features.Where(column => reserved.Contains(column.Name))
            .Select(column => new Problem(column.Name, "this is the name of a model's output; a feature column of another name is accepted, or \"ignore\" under columns"))
            .ToList();
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    private static TColumn ColumnOf<TColumn>(Table table, string name, string wanted)
        where TColumn : Column
        => table[name] as TColumn ?? throw Fault.Invalid(name, $"the model was trained on a column of {wanted}; {wanted} are accepted");

    private static void Collect(List<Problem> problems, Action fit)
    {
        try
        {
            fit();
        }
        catch (Fault fault)
        {
            problems.AddRange(fault.Problems);
        }
    }
}
