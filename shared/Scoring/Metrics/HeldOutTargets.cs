using System.Globalization;
using Mlops.Contracts;
using Mlops.Tabular;

namespace Mlops.Scoring.Metrics;

/// <summary>The truth of rows that a model was not trained on, in the shape that the metrics take.</summary>
public static class HeldOutTargets
{
    /// <summary>Per row the index of its class; −1 where the model does not know it. A class of a numeric column is the number's shortest text.</summary>
    /// <exception cref="Fault">A row has no class.</exception>
    public static int[] Classes(Column target, IReadOnlyList<string> classes)
    {
        RefuseMissing(target);
        var indices = classes.Select((name, index) => (name, index)).ToDictionary(pair => pair.name, pair => pair.index, StringComparer.Ordinal);
        return [.. Enumerable.Range(0, target.Count).Select(row => indices.GetValueOrDefault(TextAt(target, row), -1))];
    }

    /// <summary>Row-major, rows × targets.</summary>
    /// <exception cref="Fault">A target is missing in the table or in a row, or is not numeric.</exception>
    public static double[] Values(Table rows, IReadOnlyList<string> targets)
    {
        var values = new double[rows.Rows * targets.Count];
        for (var index = 0; index < targets.Count; index++)
        {
            if (rows[targets[index]] is not NumericColumn column)
                throw Fault.Invalid(targets[index], "a categorical column; a regression's target is numeric");
            RefuseMissing(column);
            for (var row = 0; row < rows.Rows; row++)
                values[row * targets.Count + index] = column.Values[row];
        }
        return values;
    }

    private static void RefuseMissing(Column target)
    {
        for (var row = 0; row < target.Count; row++)
            if (target.IsMissing(row))
                throw Fault.Invalid(target.Name, $"the target is missing in held-out row {row + 1}; every held-out row needs it");
    }

    private static string TextAt(Column target, int row) => target is CategoricalColumn texts
        ? texts.TextAt(row)!
        : ((NumericColumn)target).Values[row].ToString("R", CultureInfo.InvariantCulture);
}
