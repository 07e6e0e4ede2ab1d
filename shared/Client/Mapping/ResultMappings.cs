using System.Linq.Expressions;
using System.Reflection;
using Mlops.Protos;

namespace Mlops.Client.Mapping;

/// <summary>
/// Makes the mapping from what a model gives to results of a type: a text, number or list for the one output that fits, or an object
/// whose properties are outputs, or tell of the model (<see cref="Origin"/>).
/// </summary>
internal static class ResultMappings
{
    private static readonly ParameterExpression Response = Expression.Parameter(typeof(ModelInferResponse));
    private static readonly ParameterExpression Tensors = Expression.Parameter(typeof(OutputTensor[]));
    private static readonly ParameterExpression Row = Expression.Parameter(typeof(int));

    /// <summary>Where several outputs fit a value, the one that predicts.</summary>
    private static readonly string[] Preferred = ["label", "value", "probabilities"];

    /// <exception cref="InferenceException">Results of the type do not fit the model; everything that is wrong is told at once.</exception>
    public static ResultMapping<TResult> Make<TResult>(ModelMetadata model)
    {
        var problems = new List<string>();
        var mapping = IsValue(typeof(TResult)) ? OfValue<TResult>(model, problems) : OfObject<TResult>(model, problems);
        return problems.Count == 0
            ? mapping!
            : throw InferenceException.Invalid($"results of type '{TypeName.Of(typeof(TResult))}' do not fit model '{model.Name}': {string.Join("; ", problems)}");
    }

    private static bool IsValue(Type type)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        return bare.IsPrimitive || bare.IsEnum || bare == typeof(string) || bare == typeof(decimal) || bare == typeof(Half) || ResultValue.ElementOf(type) is not null;
    }

    private static ResultMapping<TResult>? OfValue<TResult>(ModelMetadata model, List<string> problems)
    {
        var fitting = model.Outputs.Select(output => (Output: output, Value: ResultValue.Of(output, 0, typeof(TResult)))).Where(output => output.Value is not null).ToList();
        var (chosen, value) = fitting.Count == 1 ? fitting[0]
            : Preferred.Select(name => fitting.Find(output => output.Output.Name == name)).FirstOrDefault(output => output.Value is not null);
        if (value is not null)
            return new ResultMapping<TResult>([chosen], Compile<TResult>(Read(value, typeof(TResult))));
        problems.Add(fitting.Count == 0
            ? $"no output is such a value; it gives {Described(model.Outputs)}"
            : $"{fitting.Count} outputs are such values; accepted: a type with a property for each that is wanted: {Described(model.Outputs)}");
        return null;
    }

    private static ResultMapping<TResult>? OfObject<TResult>(ModelMetadata model, List<string> problems)
    {
        if (ResultShape.Of(typeof(TResult), problems) is not { } shape)
            return null;
        string[] names = [.. model.Outputs.Select(output => output.Name), .. Origin.Names.Except(model.Outputs.Select(output => output.Name))];
        var paired = NamePairing.Pair(shape.Properties, names, "output", problems);
        var values = new Dictionary<PropertyInfo, Expression>();
        var read = new List<TensorMetadata>();
        foreach (var (property, name) in shape.Properties.Zip(paired).Where(pair => pair.Second >= 0))
        {
            var output = name < model.Outputs.Count ? model.Outputs[name] : null;
            var value = output is null ? ResultValue.OfOrigin(names[name], property.Type) : ResultValue.Of(output, read.Count, property.Type);
            if (value is null)
                problems.Add($"{property} is {TypeName.Of(property.Type)}, and output '{names[name]}' is {Accepted(output)}");
            else
                values[property.Info] = Read(value, property.Type);
            if (output is not null)
                read.Add(output);
        }

        return problems.Count > 0 ? null : new ResultMapping<TResult>(read, Compile<TResult>(shape.New(values)));
    }

    private static RowReader<TResult> Compile<TResult>(Expression result) => Expression.Lambda<RowReader<TResult>>(result, Response, Tensors, Row).Compile();

    private static UnaryExpression Read(ResultValue value, Type type) =>
        Expression.Convert(Expression.Call(Expression.Constant(value), nameof(Read), Type.EmptyTypes, Response, Tensors, Row), type);

    private static string Accepted(TensorMetadata? output) => output is null
        ? "a text; accepted: a string or Guid?"
        : $"{output}; accepted: {ElementExpression.AcceptedFor(output.Datatype)}{(output.Shape.Count > 0 && RowWidth.Fixed(output) == 1 ? "" : ", or an array of it for all of a row's")}";

    private static string Described(IReadOnlyList<TensorMetadata> outputs) => string.Join(", ", outputs.Select(output => $"'{output.Name}' {output}"));
}
