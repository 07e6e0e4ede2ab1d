namespace Mlops.Tabular;

/// <summary>Rows in the order of a column that says when.</summary>
internal sealed class Moments
{
    private readonly double[] _of;

    private Moments(double[] of) => _of = of;

    /// <summary>The moment of a row.</summary>
    public double this[int row] => _of[row];

    /// <summary>The moments of a column.</summary>
    /// <param name="column">Numbers, or texts in their ordinal order.</param>
    /// <param name="rows">The rows that must have one.</param>
    /// <exception cref="Contracts.Fault">Invalid: a row has none.</exception>
    public static Moments Of(Column column, IEnumerable<int> rows)
    {
        column.RequireValues("time", rows);
        return new Moments(column is NumericColumn numbers
            ? numbers.Values.ToArray()
            // Levels are sorted by ordinal.
            : Array.ConvertAll(((CategoricalColumn)column).Codes.ToArray(), code => (double)code));
    }

    /// <summary>Rows from the earliest to the latest; those of the same moment stay in their order.</summary>
    public int[] Order(IEnumerable<int> rows) => [.. rows.OrderBy(row => _of[row])];

    /// <summary>Where to cut ordered rows: between rows of the same moment, before the first of them instead.</summary>
    public int Cut(int[] ordered, int at)
    {
        while (at > 0 && at < ordered.Length && _of[ordered[at - 1]] == _of[ordered[at]])
            at--;
        return at;
    }

    /// <summary>How many different moments rows have.</summary>
    public int CountOf(IEnumerable<int> rows) => rows.Select(row => _of[row]).Distinct().Count();
}
