using System.Linq.Expressions;
using System.Numerics;

namespace Mlops.Client.Mapping;

/// <summary>
/// Rows of a type with properties. A model with an input per column gets each from the property of its name. A model with one
/// tensor for all columns gets them by name too if the server or the options tell the tensor's columns, and else in the order in
/// which the properties are declared, which must be as many.
/// </summary>
internal static class TypedRows
{
    public static RowMapping<TRow> Make<TRow>(ModelMetadata model, IReadOnlyList<string> configuredColumns)
    {
        var problems = new List<string>();
        MappedProperty[] properties = [.. MappedProperty.Of(typeof(TRow)).Where(property => property.Info.GetMethod?.IsPublic == true)];
        var writers = OneTensor(model, properties, configuredColumns) is { } columns
            ? [WriterOfColumns<TRow>(model.Inputs[0], columns, properties, problems)]
            : WritersOfInputs<TRow>(model, properties, problems);
        if (problems.Count > 0)
            throw InferenceException.Invalid($"rows of type '{TypeName.Of(typeof(TRow))}' do not fit model '{model.Name}': {string.Join("; ", problems)}");
        return new RowMapping<TRow>([.. writers.OfType<TensorWriter<TRow>>()]);
    }

    /// <summary>The columns of a model's one tensor, empty where nobody tells them; null where each input is for a property.</summary>
    private static IReadOnlyList<string>? OneTensor(ModelMetadata model, MappedProperty[] properties, IReadOnlyList<string> configuredColumns)
    {
        if (model.Inputs is not [{ Shape.Count: 2 } input])
            return null;
        // A property of the tensor's own name holds a whole row.
        if (!input.IsColumn && properties.Any(property => NamePairing.AreAlike(property.Name, input.Name)))
            return null;
        var told = input.Columns.Count > 0 ? input.Columns : configuredColumns;
        return told.Count > 0 || !input.IsColumn ? told : null;
    }

    private static TensorWriter<TRow>? WriterOfColumns<TRow>(TensorMetadata input, IReadOnlyList<string> columns, MappedProperty[] properties, List<string> problems)
    {
        if (columns.Count == 0)
        {
            if (RowWidth.Fixed(input) is { } width && width != properties.Length)
                problems.Add($"'{input.Name}' {input} takes {width} columns whose names the server does not tell, and there are {properties.Length} properties; "
                    + "accepted: one for each column, in the model's order, [JsonIgnore] on any other, or the columns' names in the option Columns");
            columns = [.. properties.Select(property => property.Name)];
        }
        else if (RowWidth.Fixed(input) is { } width && width != columns.Count)
        {
            problems.Add($"'{input.Name}' {input} has {width} columns, and {columns.Count} are told: {string.Join(", ", columns)}");
        }

        var sources = Sources(properties, columns, "column", column => $"column '{columns[column]}'", problems);
        return sources.Any(source => source.Property is null) ? null : WriterOf<TRow>(input, sources, problems);
    }

    private static List<TensorWriter<TRow>?> WritersOfInputs<TRow>(ModelMetadata model, MappedProperty[] properties, List<string> problems)
    {
        var sources = Sources(properties, [.. model.Inputs.Select(input => input.Name)], "input", index => $"input '{model.Inputs[index].Name}' {model.Inputs[index]}", problems);
        var writers = new List<TensorWriter<TRow>?>();
        foreach (var (input, source) in model.Inputs.Zip(sources))
        {
            if (source.Property is not null)
                writers.Add(input.IsColumn ? WriterOf<TRow>(input, [source], problems) : WriterOfWholeRow<TRow>(input, source, problems));
        }

        return writers;
    }

    /// <summary>For each name the property that gives it.</summary>
    private static Source[] Sources(MappedProperty[] properties, IReadOnlyList<string> names, string kind, Func<int, string> describe, List<string> problems)
    {
        var paired = NamePairing.Pair(properties, names, kind, problems);
        var sources = names.Select((name, index) => new Source($"{kind} '{name}'", Array.IndexOf(paired, index) is >= 0 and var at ? properties[at] : null)).ToArray();
        problems.AddRange(Enumerable.Range(0, names.Count).Where(index => sources[index].Property is null).Select(index => $"no property means {describe(index)}"));
        return sources;
    }

    private static TensorWriter<TRow>? WriterOf<TRow>(TensorMetadata input, Source[] sources, List<string> problems)
    {
        if (input.Datatype != Datatypes.Text)
            return Datatypes.Make(input.Datatype, new Numbers<TRow>(input, sources, problems));
        var columns = ColumnsOf<TRow, string>(input, sources, "a defined member of the enum", problems);
        return columns is null ? null : new TextWriter<TRow>(input, columns);
    }

    private static TensorWriter<TRow>? WriterOfWholeRow<TRow>(TensorMetadata input, Source source, List<string> problems) =>
        input.Datatype == Datatypes.Text
            ? ListOf<TRow, string>(input, source, problems) is { } texts ? new TextsWriter<TRow>(input, texts) : null
            : Datatypes.Make(input.Datatype, new WholeRow<TRow>(input, source, problems));

    private static ColumnOf<TRow, IReadOnlyList<T>?>? ListOf<TRow, T>(TensorMetadata input, Source source, List<string> problems)
    {
        var property = source.Property!;
        var row = Expression.Parameter(typeof(TRow));
        if (property.Type.IsAssignableTo(typeof(IReadOnlyList<T>)))
        {
            var list = Expression.Convert(Expression.Property(row, property.Info), typeof(IReadOnlyList<T>));
            return new(source.Label, Expression.Lambda<Func<TRow, IReadOnlyList<T>?>>(list, row).Compile(), given => property.Info.GetValue(given), "values");
        }

        problems.Add($"{property} is {TypeName.Of(property.Type)}, and '{input.Name}' {input} takes many values a row; accepted: {typeof(T).Name}[] or an IReadOnlyList<{typeof(T).Name}>");
        return null;
    }

    private static ColumnOf<TRow, T>[]? ColumnsOf<TRow, T>(TensorMetadata input, Source[] sources, string expected, List<string> problems)
    {
        var columns = new List<ColumnOf<TRow, T>>();
        foreach (var (label, property) in sources)
        {
            var row = Expression.Parameter(typeof(TRow));
            if (ElementExpression.ToElement(Expression.Property(row, property!.Info), input.Datatype, typeof(T)) is { } value)
                columns.Add(new($"{property} for {label}", Expression.Lambda<Func<TRow, T>>(value, row).Compile(), given => property.Info.GetValue(given), expected));
            else
                problems.Add($"{property} is {TypeName.Of(property.Type)}, and {label} is {input.Datatype}; accepted: {ElementExpression.AcceptedBy(input.Datatype)}");
        }

        return columns.Count == sources.Length ? [.. columns] : null;
    }

    private sealed record Source(string Label, MappedProperty? Property);

    private sealed class Numbers<TRow>(TensorMetadata input, Source[] sources, List<string> problems) : INumberFactory<TensorWriter<TRow>?>
    {
        public TensorWriter<TRow>? Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            ColumnsOf<TRow, T>(input, sources, Expected<T>(), problems) is { } columns ? new NumberWriter<TRow, T>(input, columns) : null;

        private string Expected<T>()
            where T : IMinMaxValue<T> => input.Datatype switch
            {
                Datatypes.Truth => "true or false",
                _ when Datatypes.IsFraction(input.Datatype) => "a number",
                _ => $"a whole number from {T.MinValue} to {T.MaxValue}",
            };
    }

    private sealed class WholeRow<TRow>(TensorMetadata input, Source source, List<string> problems) : INumberFactory<TensorWriter<TRow>?>
    {
        public TensorWriter<TRow>? Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> =>
            ListOf<TRow, T>(input, source, problems) is { } column ? new NumbersWriter<TRow, T>(input, column) : null;
    }
}
