using System.Globalization;
using System.Linq.Expressions;
using System.Reflection;

namespace Mlops.Client.Mapping;

/// <summary>
/// Converts between properties and a tensor's elements, in expressions that are compiled once. Only what loses nothing but
/// precision is converted: a fraction does not become a whole number, nor a number a text, unless it is whole.
/// </summary>
internal static class ElementExpression
{
    private static readonly Type[] Whole = [typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong)];
    private static readonly Type[] Fractions = [typeof(Half), typeof(float), typeof(double), typeof(decimal)];

    /// <summary>The types that <see cref="ToElement"/> takes, for error messages.</summary>
    public static string AcceptedBy(string datatype) => datatype switch
    {
        Datatypes.Text => "a string, char, enum or whole number",
        Datatypes.Truth => "a bool",
        _ when Datatypes.IsFraction(datatype) => "a number or bool",
        _ => "a whole number or bool",
    };

    /// <summary>A property's value as an element (see <see cref="Datatypes"/>); a missing one is NaN or the empty text, else refused.</summary>
    /// <returns>Null where the types do not fit.</returns>
    public static Expression? ToElement(Expression value, string datatype, Type element)
    {
        if (Nullable.GetUnderlyingType(value.Type) is { } present)
        {
            var once = Expression.Variable(value.Type);
            return ToElement(Expression.Property(once, nameof(Nullable<>.Value)), datatype, element) is { } converted
                ? Expression.Block([once], Expression.Assign(once, value), Expression.Condition(Expression.Property(once, nameof(Nullable<>.HasValue)), converted, Missing(datatype, element)))
                : null;
        }

        var type = value.Type;
        if (datatype == Datatypes.Text)
            return ToText(value);
        if (type == typeof(bool))
            return Expression.Condition(value, Expression.Convert(Expression.Constant(1), element), Expression.Convert(Expression.Constant(0), element));
        if (datatype == Datatypes.Truth)
            return null;
        if (Datatypes.IsFraction(datatype))
            return Whole.Contains(type) || Fractions.Contains(type) ? Expression.Convert(value, element) : null;
        return Whole.Contains(type) ? Expression.ConvertChecked(value, element) : null;
    }

    /// <summary>The types that <see cref="FromElement"/> gives, for error messages.</summary>
    public static string AcceptedFor(string datatype) => datatype switch
    {
        Datatypes.Text => "a string or enum",
        Datatypes.Truth => "a bool",
        _ when Datatypes.IsFraction(datatype) => "Single, Double, Half or Decimal",
        _ => "a number",
    };

    /// <summary>An element as a property's value.</summary>
    /// <returns>Null where the types do not fit.</returns>
    public static Expression? FromElement(Expression element, string datatype, Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
            return FromElement(element, datatype, value) is { } present ? Expression.Convert(present, type) : null;
        if (datatype == Datatypes.Text)
            return type == typeof(string) ? element : type.IsEnum ? Expression.Call(EnumMethod(type, nameof(EnumText<>.Parse)), element) : null;
        if (datatype == Datatypes.Truth)
            return type == typeof(bool) ? Expression.NotEqual(element, Expression.Constant((byte)0)) : null;
        if (Fractions.Contains(type))
            return Expression.Convert(element, type);
        return Whole.Contains(type) && !Datatypes.IsFraction(datatype) ? Expression.ConvertChecked(element, type) : null;
    }

    private static Expression? ToText(Expression value)
    {
        if (value.Type == typeof(string))
            return Expression.Coalesce(value, Expression.Constant(""));
        if (value.Type.IsEnum)
            return Expression.Call(EnumMethod(value.Type, nameof(EnumText<>.Of)), value);
        if (value.Type == typeof(char))
            return Expression.Call(value, nameof(ToString), Type.EmptyTypes);
        return Whole.Contains(value.Type) ? Expression.Call(value, nameof(ToString), Type.EmptyTypes, Expression.Constant(CultureInfo.InvariantCulture, typeof(IFormatProvider))) : null;
    }

    private static Expression Missing(string datatype, Type element)
    {
        if (datatype == Datatypes.Text)
            return Expression.Constant("");
        return Datatypes.IsFraction(datatype)
            ? Expression.Convert(Expression.Constant(double.NaN), element)
            : Expression.Throw(Expression.New(typeof(BadValueException)), element);
    }

    private static MethodInfo EnumMethod(Type type, string method) => typeof(EnumText<>).MakeGenericType(type).GetMethod(method, BindingFlags.Public | BindingFlags.Static)!;
}
