using System.Globalization;
using System.Numerics;
using Row = System.Collections.Generic.IReadOnlyDictionary<string, object?>;

namespace Mlops.Client.Mapping;

/// <summary>Rows whose values stand under their columns' names, for a model with an input per column.</summary>
internal static class ColumnRows
{
    // Every whole number up to here is a double.
    private const double LargestWhole = 1L << 53;

    public static RowMapping<Row> Make(ModelMetadata model)
    {
        if (model.Inputs.FirstOrDefault(input => !input.IsColumn) is { } whole)
            throw InferenceException.Invalid($"model '{model.Name}' takes '{whole.Name}' {whole}, not an input per column; send the values in the model's order");
        return new RowMapping<Row>([.. model.Inputs.Select(WriterOf)], rows => RequireKnown(model, rows));
    }

    private static void RequireKnown(ModelMetadata model, IReadOnlyList<Row> rows)
    {
        var known = model.Inputs.Select(input => input.Name).ToHashSet();
        for (var row = 0; row < rows.Count; row++)
        {
            if (rows[row].Keys.FirstOrDefault(column => !known.Contains(column)) is { } unknown)
                throw InferenceException.Invalid($"row {row + 1}: model '{model.Name}' takes no column '{unknown}'; accepted: {string.Join(", ", known)}");
        }
    }

    private static TensorWriter<Row> WriterOf(TensorMetadata input) =>
        Datatypes.Make(input.Datatype, new Numbers(input))
            ?? new TextWriter<Row>(input, [new(Label(input), row => Convert.ToString(Raw(row, input), CultureInfo.InvariantCulture) ?? "", row => Raw(row, input), "a text")]);

    private static object? Raw(Row row, TensorMetadata input) => row.GetValueOrDefault(input.Name);

    private static string Label(TensorMetadata input) => $"column '{input.Name}'";

    private sealed class Numbers(TensorMetadata input) : INumberFactory<TensorWriter<Row>>
    {
        public TensorWriter<Row> Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T>
        {
            var highest = input.Datatype == Datatypes.Truth ? T.One : T.MaxValue;
            return new NumberWriter<Row, T>(input, [Datatypes.IsFraction(input.Datatype)
                ? new(Label(input), row => T.CreateSaturating(Fraction(Raw(row, input))), row => Raw(row, input), "a number")
                : new(Label(input), row => WholeNumber(Raw(row, input), highest), row => Raw(row, input), $"a whole number from {T.MinValue} to {highest}")]);
        }
    }

    private static double Fraction(object? value) => value switch
    {
        null => double.NaN,
        Half half => (double)half,
        IConvertible number and not (string or char or DateTime) => number.ToDouble(CultureInfo.InvariantCulture),
        _ => throw new BadValueException(),
    };

    private static T WholeNumber<T>(object? value, T highest)
        where T : unmanaged, INumber<T>
    {
        var whole = value switch
        {
            bool truth => truth ? T.One : T.Zero,
            byte or sbyte or short or ushort or int or uint or long => T.CreateChecked(Convert.ToInt64(value, CultureInfo.InvariantCulture)),
            ulong large => T.CreateChecked(large),
            float or double or decimal when Fraction(value) is var number && double.IsInteger(number) && Math.Abs(number) <= LargestWhole => T.CreateChecked(number),
            _ => throw new BadValueException(),
        };
        return whole <= highest ? whole : throw new BadValueException();
    }
}
