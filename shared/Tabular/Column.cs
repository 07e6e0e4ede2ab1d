using System.Text.Json.Serialization;
using Mlops.Contracts;

namespace Mlops.Tabular;

/// <summary>What a column holds.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ColumnType>))]
public enum ColumnType
{
    /// <summary>Numbers.</summary>
    [JsonStringEnumMemberName("numeric")]
    Numeric,

    /// <summary>One of a set of texts.</summary>
    [JsonStringEnumMemberName("categorical")]
    Categorical,
}

/// <summary>One named column of a <see cref="Table"/>.</summary>
public abstract class Column(string name)
{
    /// <summary>The name in the header.</summary>
    public string Name { get; } = name;

    /// <summary>What it holds.</summary>
    public abstract ColumnType Type { get; }

    /// <summary>Number of rows.</summary>
    public abstract int Count { get; }

    /// <summary>Whether the cell is missing.</summary>
    public abstract bool IsMissing(int row);

    /// <summary>A column of the given rows, in the given order.</summary>
    public abstract Column Select(ReadOnlySpan<int> rows);

    /// <summary>Throws unless each of the given rows has a value.</summary>
    /// <param name="what">What a value is, in the problem's words.</param>
    /// <param name="rows">From 0.</param>
    /// <exception cref="Fault">Invalid: the first rows without one.</exception>
    internal void RequireValues(string what, IEnumerable<int> rows)
    {
        const int MostProblems = 10;
        var missing = rows.Where(IsMissing).Order().Take(MostProblems)
            .Select(row => new Problem(Name, $"the {what} is missing; a value in every row is accepted", row + 1)).ToList();
        if (missing.Count > 0)
            throw new Fault(FaultKind.Invalid, missing);
    }
}

/// <summary>Numbers; a missing one is NaN.</summary>
/// <param name="name">The name in the header.</param>
/// <param name="values">One per row; not copied.</param>
public sealed class NumericColumn(string name, double[] values) : Column(name)
{
    /// <summary>One per row; NaN where missing.</summary>
    public ReadOnlySpan<double> Values => values;

    /// <inheritdoc/>
    public override ColumnType Type => ColumnType.Numeric;

    /// <inheritdoc/>
    public override int Count => values.Length;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => double.IsNaN(values[row]);

    /// <inheritdoc/>
    public override NumericColumn Select(ReadOnlySpan<int> rows)
    {
        var selected = new double[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            selected[i] = values[rows[i]];
        return new NumericColumn(Name, selected);
    }
}

/// <summary>Texts out of a set, kept as indices into it.</summary>
/// <param name="name">The name in the header.</param>
/// <param name="codes">Per row an index into <paramref name="levels"/>, or −1 where missing; not copied.</param>
/// <param name="levels">The distinct texts, sorted by ordinal; not copied.</param>
public sealed class CategoricalColumn(string name, int[] codes, IReadOnlyList<string> levels) : Column(name)
{
    /// <summary>Per row an index into <see cref="Levels"/>; −1 where missing.</summary>
    public ReadOnlySpan<int> Codes => codes;

    /// <summary>The distinct texts of the whole data set, sorted by ordinal.</summary>
    public IReadOnlyList<string> Levels => levels;

    /// <inheritdoc/>
    public override ColumnType Type => ColumnType.Categorical;

    /// <inheritdoc/>
    public override int Count => codes.Length;

    /// <inheritdoc/>
    public override bool IsMissing(int row) => codes[row] < 0;

    /// <summary>The text of a row; null where missing.</summary>
    public string? TextAt(int row) => codes[row] < 0 ? null : levels[codes[row]];

    /// <inheritdoc/>
    public override CategoricalColumn Select(ReadOnlySpan<int> rows)
    {
        var selected = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
            selected[i] = codes[rows[i]];
        return new CategoricalColumn(Name, selected, levels);
    }
}
