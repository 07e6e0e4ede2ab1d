namespace Mlops.Tabular;

/// <summary>A classification's target: the classes, and which of them each row has.</summary>
public sealed class ClassTarget
{
    private readonly int[] _codes;

    private ClassTarget(IReadOnlyList<string> classes, int[] codes) => (Classes, _codes) = (classes, codes);

    /// <summary>The texts of the file, sorted as numbers where all are numbers, else by ordinal.</summary>
    public IReadOnlyList<string> Classes { get; }

    /// <summary>Per row an index into <see cref="Classes"/>; −1 where missing.</summary>
    public ReadOnlySpan<int> Codes => _codes;

    /// <summary>
    /// The classes of a column. Those of a categorical column are the whole data set's, whichever rows were selected;
    /// those of a numeric one (a table that was not read by <see cref="CsvOptions.For(Mlops.Contracts.Spec.PipelineSpec)"/>)
    /// are the numbers in it.
    /// </summary>
    public static ClassTarget Of(Column column)
    {
        var texts = column as CategoricalColumn ?? TextsOf((NumericColumn)column);
        var order = Order(texts.Levels);
        var classOfLevel = new int[order.Length];
        for (var i = 0; i < order.Length; i++)
            classOfLevel[order[i]] = i;
        var codes = texts.Codes.ToArray();
        for (var row = 0; row < codes.Length; row++)
            codes[row] = codes[row] < 0 ? -1 : classOfLevel[codes[row]];
        return new ClassTarget(Array.ConvertAll(order, level => texts.Levels[level]), codes);
    }

    /// <summary>Number of rows of each class.</summary>
    public int[] Counts()
    {
        var counts = new int[Classes.Count];
        foreach (var code in _codes)
            if (code >= 0)
                counts[code]++;
        return counts;
    }

    private static int[] Order(IReadOnlyList<string> levels)
    {
        var order = Enumerable.Range(0, levels.Count).ToArray();
        var numbers = new double[levels.Count];
        for (var i = 0; i < numbers.Length; i++)
            if (!NumberText.TryParse(levels[i], out numbers[i]))
                return order;
        // Stable, so that 1 and 1.0 stay in ordinal order.
        return [.. order.OrderBy(level => numbers[level])];
    }

    private static CategoricalColumn TextsOf(NumericColumn column)
    {
        var texts = new string?[column.Count];
        for (var row = 0; row < texts.Length; row++)
            texts[row] = column.IsMissing(row) ? null : NumberText.Of(column.Values[row]);
        var levels = texts.OfType<string>().Distinct().Order(StringComparer.Ordinal).ToArray();
        var codes = Array.ConvertAll(texts, text => text is null ? -1 : Array.BinarySearch(levels, text, StringComparer.Ordinal));
        return new CategoricalColumn(column.Name, codes, levels);
    }
}
