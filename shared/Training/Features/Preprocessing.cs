using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>
/// What stands between a table and the model, fitted on the training rows only. An encoded row holds the numbers of all
/// features as <see cref="NumericBlock"/> writes them, then each feature's indicators in header order.
/// </summary>
public sealed class Preprocessing
{
    // A column lies in one piece and is strewn over rows here: so many at once that they stay in the cache meanwhile.
    private const int NumbersAtOnce = 1 << 16, LeastRows = 16;

    private readonly NumericBlock _numbers;

    internal Preprocessing(IReadOnlyList<Feature> features, TargetEncoding target)
    {
        (Features, Target) = (features, target);
        _numbers = new NumericBlock([.. features.SelectMany(feature => feature.Numbers)]);
    }

    /// <summary>Every feature's column, in header order.</summary>
    public IReadOnlyList<string> Columns => [.. Features.Select(feature => feature.Name)];

    /// <summary>How the target stands before the network.</summary>
    public TargetEncoding Target { get; }

    /// <summary>Numbers in an encoded row.</summary>
    public int Width => _numbers.Width + Features.Sum(feature => feature.Indicators);

    /// <summary>In header order.</summary>
    internal IReadOnlyList<Feature> Features { get; }

    /// <summary>The columns that are the same in every training row.</summary>
    internal IReadOnlyList<string> Constants { get; init; } = [];

    /// <summary>The numbers of all features.</summary>
    internal NumericBlock Numbers => _numbers;

    /// <summary>Whether every feature is a column of numbers.</summary>
    internal bool IsOfNumbers => Features.All(feature => feature.Source == ColumnType.Numeric);

    /// <summary>Learns from the training rows: every column that is neither a target nor ignored is a feature.</summary>
    /// <param name="train">The training rows and no others.</param>
    /// <param name="spec">Says which columns are targets, and how numbers are scaled.</param>
    /// <exception cref="Fault">There are no rows or no features, or columns that cannot be used; all such columns are named.</exception>
    public static Preprocessing Fit(IRows train, PipelineSpec spec)
    {
        if (train.Rows == 0)
            throw Fault.Invalid("split.train", "there are no training rows; at least one is accepted");
        var features = FeatureColumns.SchemaOf(spec, train);
        if (features.Count == 0)
            throw Fault.Invalid("columns", "no column is left as a feature; at least one besides the target is accepted");
        RefuseReservedNames(features);

        var problems = new List<Problem>();
        var fitted = new List<Feature>();
        var constants = new List<string>();
        foreach (var feature in features)
            Collect(problems, () =>
            {
                var column = train[feature.Name];
                fitted.Add(FeatureFitting.Fit(column, spec));
                if (IsConstant(column, fitted[^1]))
                    constants.Add(column.Name);
            });
        TargetEncoding? target = null;
        Collect(problems, () => target = TargetEncoding.Fit(train, spec));
        return problems.Count == 0 ? new Preprocessing(fitted, target!) { Constants = constants } : throw new Fault(FaultKind.Invalid, problems);
    }

    /// <summary>The rows as the model takes them: rows × <see cref="Width"/>, row-major.</summary>
    /// <exception cref="Fault">A column is missing or holds the other type.</exception>
    public float[] Encode(Table table)
    {
        var encoded = new float[(long)table.Rows * Width];
        EncodeRows(table, start: 0, encoded);
        return encoded;
    }

    /// <summary>Writes rows as the model takes them.</summary>
    /// <param name="table">Has them.</param>
    /// <param name="start">The first of them.</param>
    /// <param name="encoded">Rows × <see cref="Width"/>, row-major; may hold anything.</param>
    /// <exception cref="Fault">A column is missing or holds the other type.</exception>
    internal void EncodeRows(Table table, int start, Span<float> encoded)
    {
        var width = Width;
        Column[] columns = [.. Features.Select(feature => ColumnOf(table, feature))];
        var atOnce = Math.Max(LeastRows, NumbersAtOnce / (_numbers.Features.Count + width));
        var raw = new float[Math.Min(atOnce, encoded.Length / width) * _numbers.Features.Count];
        for (; encoded.Length > 0; start += atOnce)
        {
            var part = encoded[..Math.Min(encoded.Length, atOnce * width)];
            EncodePart(columns, start, part.Length / width, raw, part);
            encoded = encoded[part.Length..];
        }
    }

    /// <summary>
    /// Rows that are like those of the training and hold none of them: numbers from about where those lie, texts among what the
    /// graph knows, with one that it does not; cells are missing here and there. Equal preprocessings and seeds give equal rows.
    /// </summary>
    /// <param name="rows">How many.</param>
    /// <param name="seed">Any number.</param>
    public Table MakeUp(int rows, int seed)
    {
        var random = new SeededRandom((ulong)seed);
        return new Table([.. Features.Select(feature => feature.MakeUp(rows, random))]);
    }

    private void EncodePart(Column[] columns, int start, int rows, Span<float> raw, Span<float> encoded)
    {
        var (width, count) = (Width, _numbers.Features.Count);
        var (number, indicator) = (0, _numbers.Width);
        encoded.Clear();
        foreach (var (index, feature) in Features.Index())
        {
            feature.Encode(columns[index], start, new RowBlock(raw, rows, count, number, feature.Numbers.Count), new RowBlock(encoded, rows, width, indicator, feature.Indicators));
            number += feature.Numbers.Count;
            indicator += feature.Indicators;
        }
        var numbers = new RowBlock(encoded, rows, width, 0, _numbers.Width);
        for (var row = 0; row < rows; row++)
            _numbers.Encode(raw.Slice(row * count, count), numbers[row]);
    }

    // With texts among the features each column is an input of its own, and no name may stand for two tensors.
    private static void RefuseReservedNames(IReadOnlyList<ColumnSchema> features)
    {
        string[] reserved = [ModelSignature.LabelOutput, ModelSignature.ProbabilitiesOutput, ModelSignature.ValueOutput];
        if (features.All(column => column.Type == ColumnType.Numeric))
            return;
        var problems = features.Where(column => reserved.Contains(column.Name))
            .Select(column => new Problem(column.Name, "this is the name of a model's output; a feature column of another name is accepted, or \"ignore\" under columns"))
            .ToList();
        if (problems.Count > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    private static bool IsConstant(Column column, Feature feature)
    {
        if (column is CategoricalColumn texts)
            return !texts.Codes.ContainsAnyExcept(texts.Codes[0]);
        var (first, missing) = (double.NaN, 0);
        foreach (var value in ((NumericColumn)column).Values)
        {
            if (double.IsNaN(value))
                missing++;
            else if (double.IsNaN(first))
                first = value;
            else if (value != first)
                return false;
        }
        // What stands in for a missing number is the same too, unless an indicator tells them apart.
        return missing == 0 || !feature.Numbers[0].HasIndicator;
    }

    private static Column ColumnOf(Table table, Feature feature)
    {
        var column = table[feature.Name];
        var wanted = feature.Source == ColumnType.Numeric ? "numbers" : "texts";
        return column.Type == feature.Source ? column : throw Fault.Invalid(feature.Name, $"the model was trained on a column of {wanted}; {wanted} are accepted");
    }

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
