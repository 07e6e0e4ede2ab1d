using System.Globalization;

namespace Mlops.Client.Mapping;

/// <summary>A column of a tensor.</summary>
/// <param name="Label">As in an error message.</param>
/// <param name="Get">A row's value in it.</param>
/// <param name="Raw">The value as the row has it, for an error message.</param>
/// <param name="Expected">What it takes, for an error message.</param>
internal sealed record ColumnOf<TRow, T>(string Label, Func<TRow, T> Get, Func<TRow, object?> Raw, string Expected)
{
    public T Read(IReadOnlyList<TRow> rows, int row)
    {
        try
        {
            return Get(rows[row]);
        }
        catch (Exception unfit) when (unfit is BadValueException or OverflowException)
        {
            throw BadRow.Value(row, Label, Expected, Raw(rows[row]));
        }
    }
}

internal static class BadRow
{
    public static InferenceException Value(int row, string label, string expected, object? got) =>
        Of(row, label, expected, got is null ? "nothing" : $"'{Convert.ToString(got, CultureInfo.InvariantCulture)}'");

    public static InferenceException Of(int row, string label, string expected, string got) =>
        InferenceException.Invalid($"row {row + 1}{(label.Length > 0 ? $", {label}" : "")}: expected {expected}, got {got}");
}
