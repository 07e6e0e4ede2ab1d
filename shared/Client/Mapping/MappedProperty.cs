using System.Reflection;
using System.Text.Json.Serialization;

namespace Mlops.Client.Mapping;

/// <summary>
/// A property of a row or a result. Its name and whether it takes part are told by System.Text.Json's attributes: they are known
/// to .NET developers, need no reference to this library where rows are defined, and a row reads in JSON as the model is given it.
/// </summary>
internal sealed record MappedProperty(PropertyInfo Info)
{
    /// <summary>What it goes by.</summary>
    public string Name { get; } = Info.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? Info.Name;

    public Type Type => Info.PropertyType;

    /// <summary>Those of a type in the order in which they are declared, a base type's first.</summary>
    public static IReadOnlyList<MappedProperty> Of(Type type) =>
        [.. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0 && property.GetCustomAttribute<JsonIgnoreAttribute>() is null or { Condition: not JsonIgnoreCondition.Always })
            .OrderBy(property => DepthOf(property.DeclaringType)).ThenBy(property => property.MetadataToken)
            .Select(property => new MappedProperty(property))];

    /// <summary>As in an error message.</summary>
    public override string ToString() => Name == Info.Name ? $"property '{Name}'" : $"property '{Info.Name}' ('{Name}')";

    private static int DepthOf(Type? type) => type is null ? 0 : 1 + DepthOf(type.BaseType);
}
