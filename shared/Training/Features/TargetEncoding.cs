using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Tabular;

namespace Mlops.Training.Features;

/// <summary>How what is to be predicted stands before the network, fitted on the training rows.</summary>
public abstract record TargetEncoding
{
    /// <summary>Width of the network's output: classes, or targets.</summary>
    public abstract int Width { get; }

    internal static TargetEncoding Fit(IRows train, PipelineSpec spec) => spec.Task == TaskKind.Classification
        ? ClassEncoding.Fit(train, spec.Target[0])
        : NumericEncoding.Fit(train, spec.Target, spec.Preprocessing.Target);
}

/// <summary>A classification's target.</summary>
public sealed record ClassEncoding : TargetEncoding
{
    /// <summary>The column.</summary>
    public required string Name { get; init; }

    /// <summary>Every class of the data set, sorted as <see cref="ClassTarget"/> sorts; its index is the class's code.</summary>
    public required IReadOnlyList<string> Classes { get; init; }

    /// <inheritdoc/>
    public override int Width => Classes.Count;

    /// <summary>Fits the target column of the training rows.</summary>
    /// <exception cref="Fault">No text column, fewer than two classes, or a class without a training row.</exception>
    public static ClassEncoding Fit(IRows train, string name)
    {
        var column = ColumnOf(train, name);
        var target = new ClassEncoding { Name = name, Classes = ClassTarget.Of(column).Classes };
        if (target.Classes.Count < 2)
            throw Fault.Invalid(name, $"there is only the class '{string.Join("", target.Classes)}'; at least two are accepted");
        var seen = target.Encode(column).ToHashSet();
        var unseen = target.Classes.Where((_, code) => !seen.Contains(code)).Select(name => $"'{name}'").ToList();
        if (unseen.Count > 0)
            throw Fault.Invalid(name, $"no training row has the class {string.Join(", ", unseen)}; every class in at least one training row is accepted (split.stratify, or more rows of it)");
        return target;
    }

    /// <summary>The code of each row's class.</summary>
    /// <exception cref="Fault">A class is missing or unknown.</exception>
    public long[] Encode(Table table) => Encode(ColumnOf(table, Name));

    private long[] Encode(CategoricalColumn column)
    {
        var codeOf = Classes.Select((text, code) => (text, code)).ToDictionary(pair => pair.text, pair => (long)pair.code, StringComparer.Ordinal);
        var codes = new long[column.Count];
        for (var row = 0; row < codes.Length; row++)
        {
            var text = column.TextAt(row) ?? throw Fault.Invalid(Name, "the class is missing in a row; a class in every row is accepted");
            if (!codeOf.TryGetValue(text, out codes[row]))
                throw Fault.Invalid(Name, $"'{text}' is no class; {string.Join(", ", Classes)} are accepted");
        }
        return codes;
    }

    private static CategoricalColumn ColumnOf(IRows table, string name) => table[name] as CategoricalColumn
        ?? throw Fault.Invalid(name, "the column was read as numbers; a classification accepts a target that is read as texts");
}

/// <summary>A regression's targets.</summary>
public sealed record NumericEncoding : TargetEncoding
{
    /// <summary>The columns.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>Each one's mean and standard deviation over the training rows.</summary>
    public required IReadOnlyList<Moments> Moments { get; init; }

    /// <summary>Whether the network learns standardised targets.</summary>
    public required TargetScaling Scaling { get; init; }

    /// <inheritdoc/>
    public override int Width => Columns.Count;

    /// <summary>Fits the target columns of the training rows.</summary>
    /// <exception cref="Fault">A column of texts, or a missing number.</exception>
    public static NumericEncoding Fit(IRows train, IReadOnlyList<string> names, TargetScaling scaling) => new()
    {
        Columns = names,
        Moments = [.. names.Select(name => Features.Moments.Fit(name, ValuesOf(train, name)))],
        Scaling = scaling,
    };

    /// <summary>Each row's targets as the network learns them, rows × targets, row-major.</summary>
    /// <exception cref="Fault">A column of texts, or a missing number.</exception>
    public float[] Encode(Table table)
    {
        var encoded = new float[table.Rows * Width];
        for (var target = 0; target < Width; target++)
        {
            var (mean, deviation) = Moments[target];
            var values = ValuesOf(table, Columns[target]);
            for (var row = 0; row < values.Length; row++)
                encoded[(row * Width) + target] = Scaling == TargetScaling.None
                    ? (float)values[row]
                    : (float)((values[row] - mean) / deviation);
        }
        return encoded;
    }

    private static ReadOnlySpan<double> ValuesOf(IRows table, string name)
    {
        var values = (table[name] as NumericColumn
            ?? throw Fault.Invalid(name, "the column was read as texts; a regression accepts a target of numbers")).Values;
        foreach (var value in values)
            if (!float.IsFinite((float)value))
                throw Fault.Invalid(name, double.IsNaN(value)
                    ? "the target is missing in a row; a number in every row is accepted"
                    : FormattableString.Invariant($"{value} is too large; numbers from {float.MinValue} to {float.MaxValue} are accepted"));
        return values;
    }
}
