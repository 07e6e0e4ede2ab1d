namespace Mlops.Client.Mapping;

/// <summary>Types as they are written in C#, for error messages.</summary>
internal static class TypeName
{
    public static string Of(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Of(value)}?";
        if (type.IsArray)
            return $"{Of(type.GetElementType()!)}[]";
        return type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Of))}>" : type.Name;
    }
}
