using Mlops.Contracts;
using Mlops.Contracts.Spec;

namespace Mlops.Tabular;

/// <summary>What a spec can only be told once the data is there.</summary>
public static class SpecAgainstTable
{
    /// <summary>Classes in a classification's target, at most.</summary>
    public const int MostClasses = 1_000;

    /// <summary>Throws unless a model can be trained on the table as the spec says.</summary>
    /// <param name="spec">The spec.</param>
    /// <param name="table">Read by <see cref="CsvOptions.For(PipelineSpec)"/>.</param>
    /// <exception cref="Fault">Invalid: every problem is in it.</exception>
    public static void Check(PipelineSpec spec, Table table)
    {
        var features = FeatureColumns.Of(spec, table);
        Problem[] problems =
        [
            .. Unknown(spec, table),
            .. table.Columns.Where(column => spec.Target.Contains(column.Name)).SelectMany(column => OfTarget(spec.Task, column)),
            .. OfLoss(spec, table),
            .. features.SelectMany(OfFeature),
            .. OfPreprocessing(spec, features),
            .. OfFeatures(spec, features),
            .. OfSearch(spec, table, features),
        ];
        if (problems.Length > 0)
            throw new Fault(FaultKind.Invalid, problems);
    }

    private static IEnumerable<Problem> Unknown(PipelineSpec spec, Table table)
    {
        string[] names = [.. table.Columns.Select(column => column.Name), .. table.Ignored];
        foreach (var target in spec.Target)
            if (!names.Contains(target))
                yield return new Problem("target", $"there is no column {Quoted.Text(target)}; there are {Quoted.List(names)}");
        foreach (var name in spec.Columns.Keys)
            if (!names.Contains(name))
                yield return new Problem($"columns.{name}", $"there is no such column; there are {Quoted.List(names)}");
        foreach (var (field, name) in spec.DealtBy)
            if (!names.Contains(name))
                yield return new Problem(field, $"there is no column {Quoted.Text(name)}; there are {Quoted.List(names)}");
    }

    private static IEnumerable<Problem> OfTarget(TaskKind task, Column column)
    {
        if (FirstMissing(column) is { } row)
            yield return new Problem(column.Name, "the target is missing; a value in every row is accepted", row + 1);
        var problem = task == TaskKind.Classification ? OfClasses(ClassTarget.Of(column)) : OfNumbers(column);
        if (problem is not null)
            yield return new Problem(column.Name, problem);
        if (task == TaskKind.Regression && TooLargeForSingle(column) is { } tooLarge)
            yield return tooLarge;
    }

    private static string? OfClasses(ClassTarget target) => target.Classes.Count switch
    {
        0 => "no class in the target; 2 or more are accepted",
        1 => $"{Quoted.Text(target.Classes[0])} is the only class in the target; 2 or more are accepted",
        > MostClasses => $"{target.Classes.Count} classes in the target; at most {MostClasses} are accepted (for a number to predict, set task to regression)",
        _ => null,
    };

    private static IEnumerable<Problem> OfLoss(PipelineSpec spec, Table table)
    {
        if (spec.Task != TaskKind.Classification || table.Columns.FirstOrDefault(column => column.Name == spec.Target[0]) is not { } target)
            yield break;
        var classes = ClassTarget.Of(target).Classes;
        if (spec.Loss is BinaryLossSpec && classes.Count > 2)
            yield return new Problem("loss.type", $"binary is not accepted for {classes.Count} classes; two classes are, or cross-entropy");
        foreach (var name in ((spec.Loss as WeightedLossSpec)?.ClassWeights.Of.Keys ?? []).Except(classes))
            yield return new Problem($"loss.classWeights.of.{name}", $"there is no such class; there are {Quoted.List(classes)}");
    }

    private static string? OfNumbers(Column column) => column switch
    {
        CategoricalColumn texts => $"the target holds texts, such as {Quoted.Text(texts.Levels.Count > 0 ? texts.Levels[0] : "")}; numbers are accepted for a regression",
        NumericColumn numbers when IsConstant(numbers) => "the target is the same in every row; numbers that differ are accepted",
        _ => null,
    };

    private static IEnumerable<Problem> OfFeature(Column column)
    {
        if (Enumerable.Range(0, column.Count).All(column.IsMissing))
            yield return new Problem(column.Name, $"no row has a value; set columns.{column.Name} to ignore");
        if (TooLargeForSingle(column) is { } tooLarge)
            yield return tooLarge;
    }

    private static IEnumerable<Problem> OfPreprocessing(PipelineSpec spec, IReadOnlyList<Column> features)
    {
        foreach (var (name, settings) in spec.Preprocessing.Columns)
        {
            var problem = features.FirstOrDefault(column => column.Name == name) switch
            {
                null => $"there is no such feature; there are {Quoted.List([.. features.Select(column => column.Name)])}",
                NumericColumn when settings.IsOfTexts => $"the column holds numbers; scaling, log, impute and missingIndicator are accepted, or set columns.{name} to categorical",
                CategoricalColumn texts => OfTexts(spec, texts, settings),
                _ => null,
            };
            if (problem is not null)
                yield return new Problem($"preprocessing.columns.{name}", problem);
        }
    }

    private static string? OfTexts(PipelineSpec spec, CategoricalColumn column, ColumnPreprocessingSpec settings)
    {
        var encoding = settings.Encoding ?? spec.Preprocessing.Encoding;
        var becomesANumber = encoding is TextEncoding.Auto or TextEncoding.Ordinal or TextEncoding.Boolean or TextEncoding.Date;
        if (settings.IsOfNumbers && !becomesANumber)
            return $"scaling, log, impute and missingIndicator are not accepted for encoding {SpecJson.NameOf(encoding)}, which gives no number; encoding, minCount and buckets are";
        return settings.Order is { } order && column.Levels.Except(order, StringComparer.Ordinal).FirstOrDefault() is { } level
            ? $"order does not have {Quoted.Text(level)}, which the column holds; every level is accepted once"
            : null;
    }

    private static IEnumerable<Problem> OfFeatures(PipelineSpec spec, IReadOnlyList<Column> features)
    {
        if (features.Count == 0)
            yield return new Problem("columns", "no column is left as a feature; at least one that is neither target nor ignored is accepted");
        if (spec.Model is not CnnSpec cnn)
            yield break;
        var texts = features.Where(column => column.Type == ColumnType.Categorical).Select(column => column.Name).ToList();
        if (texts.Count > 0)
            yield return new Problem("model.type", $"cnn is not accepted with categorical features ({Quoted.List(texts)}); numeric ones are, or set these to ignore");
        var size = cnn.Shape.Aggregate(1L, (product, side) => product * side);
        if (size != features.Count)
            yield return new Problem("model.shape", $"[{string.Join(", ", cnn.Shape)}] holds {size} numbers; there are {features.Count} features, and a shape that holds as many is accepted");
    }

    /// <summary>What a trial of its search would stumble over.</summary>
    private static IEnumerable<Problem> OfSearch(PipelineSpec spec, Table table, IReadOnlyList<Column> features)
    {
        if (spec.Search is null)
            return [];
        IEnumerable<Problem> Of(PipelineSpec variant, string field) =>
            [.. field.StartsWith("search.space.loss", StringComparison.Ordinal) ? OfLoss(variant, table) : [], .. OfPreprocessing(variant, features), .. OfFeatures(variant, features)];
        return from variant in SearchSpec.VariantsOf(spec)
               from problem in Of(variant.Variant, variant.Field).Except(Of(spec, variant.Field))
               select new Problem(variant.Field, problem.ToString());
    }

    // Models count in single precision.
    private static Problem? TooLargeForSingle(Column column)
    {
        if (column is NumericColumn numbers)
            for (var row = 0; row < numbers.Count; row++)
                if (Math.Abs(numbers.Values[row]) > float.MaxValue)
                    return new Problem(column.Name, $"{NumberText.Of(numbers.Values[row])} is beyond single precision; numbers from -3.4E+38 to 3.4E+38 are accepted", row + 1);
        return null;
    }

    private static int? FirstMissing(Column column)
    {
        for (var row = 0; row < column.Count; row++)
            if (column.IsMissing(row))
                return row;
        return null;
    }

    private static bool IsConstant(NumericColumn column) => !column.Values.ContainsAnyExcept(column.Values[0]);
}
