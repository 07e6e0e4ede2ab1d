using System.Linq.Expressions;
using System.Reflection;

namespace Mlops.Client.Mapping;

/// <summary>How an object of a type is made: by its constructor, and its other properties set.</summary>
internal sealed class ResultShape
{
    private readonly ConstructorInfo? _constructor;
    private readonly Type _type;
    private readonly PropertyInfo?[] _arguments;

    private ResultShape(Type type, ConstructorInfo? constructor, PropertyInfo?[] arguments, IReadOnlyList<MappedProperty> properties) =>
        (_type, _constructor, _arguments, Properties) = (type, constructor, arguments, properties);

    /// <summary>Those that need a value: the constructor's, and those that can be set.</summary>
    public IReadOnlyList<MappedProperty> Properties { get; }

    /// <summary>Null, with what is wrong, where the type does not say how it is made.</summary>
    public static ResultShape? Of(Type type, List<string> problems)
    {
        var constructors = type.IsAbstract ? [] : type.GetConstructors();
        var constructor = constructors.FirstOrDefault(candidate => candidate.GetParameters().Length == 0) ?? (constructors is [var only] ? only : null);
        if (constructor is null && (!type.IsValueType || constructors.Length > 1))
        {
            problems.Add("it is not known how one is made; accepted: a record, class or struct with one public constructor, or one without parameters");
            return null;
        }

        var properties = MappedProperty.Of(type);
        var parameters = constructor?.GetParameters() ?? [];
        var arguments = Array.ConvertAll(parameters, parameter =>
            properties.FirstOrDefault(property => property.Type == parameter.ParameterType && string.Equals(property.Info.Name, parameter.Name, StringComparison.OrdinalIgnoreCase))?.Info);
        problems.AddRange(parameters.Where((parameter, index) => arguments[index] is null && !parameter.HasDefaultValue)
            .Select(parameter => $"parameter '{parameter.Name}' of its constructor belongs to no property; accepted: a property of the same name and type, or a default value"));
        return new ResultShape(type, constructor, arguments,
            [.. properties.Where(property => arguments.Contains(property.Info) || property.Info.SetMethod?.IsPublic == true)]);
    }

    /// <summary>Makes one.</summary>
    /// <param name="values">A value for each of the properties.</param>
    public Expression New(IReadOnlyDictionary<PropertyInfo, Expression> values)
    {
        var made = _constructor is null
            ? Expression.New(_type)
            : Expression.New(_constructor, _constructor.GetParameters().Select((parameter, index) =>
                _arguments[index] is { } property ? values[property] : parameter.DefaultValue is null ? Expression.Default(parameter.ParameterType) : Expression.Constant(parameter.DefaultValue, parameter.ParameterType)));
        return Expression.MemberInit(made, Properties.Where(property => !_arguments.Contains(property.Info)).Select(property => Expression.Bind(property.Info, values[property.Info])));
    }
}
