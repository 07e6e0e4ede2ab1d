namespace Mlops.Client.Mapping;

/// <summary>How many elements a row has in a tensor, where a property holds them all.</summary>
internal static class RowWidth
{
    /// <summary>The number that the shape fixes; null where it leaves one dimension open.</summary>
    public static int? Fixed(TensorMetadata tensor) => tensor.Shape.Skip(1).Contains(-1) ? null : (int)Known(tensor);

    /// <summary>Whether a row's number of elements tells every dimension.</summary>
    public static bool TellsShape(TensorMetadata tensor) => tensor.Shape.Count > 0 && tensor.Shape.Skip(1).Count(dimension => dimension < 0) <= 1;

    /// <summary>The number that the shape fixes, or else the first row has.</summary>
    public static int Of<TRow, T>(TensorMetadata tensor, IReadOnlyList<TRow> rows, ColumnOf<TRow, IReadOnlyList<T>?> column) =>
        Fixed(tensor) ?? (rows.Count == 0 ? 0 : column.Read(rows, 0)?.Count ?? 0);

    /// <summary>The shape that rows of so many elements have.</summary>
    public static IEnumerable<long> Shape(TensorMetadata tensor, int rows, int width) =>
        tensor.Shape.Skip(1).Select(dimension => dimension < 0 ? width / Math.Max(1, Known(tensor)) : dimension).Prepend(rows);

    /// <exception cref="InferenceException">A row has another number of elements.</exception>
    public static IReadOnlyList<T> Require<TRow, T>(int width, IReadOnlyList<TRow> rows, int row, ColumnOf<TRow, IReadOnlyList<T>?> column)
    {
        var values = column.Read(rows, row);
        return values?.Count == width ? values : throw BadRow.Of(row, column.Label, $"{width} values", values is null ? "nothing" : $"{values.Count}");
    }

    private static long Known(TensorMetadata tensor) => tensor.Shape.Skip(1).Where(dimension => dimension >= 0).Aggregate(1L, (product, dimension) => product * dimension);
}
