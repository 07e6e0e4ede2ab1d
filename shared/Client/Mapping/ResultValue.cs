using System.Linq.Expressions;
using System.Numerics;
using Grpc.Core;
using Mlops.Protos;

namespace Mlops.Client.Mapping;

/// <summary>Where a value of a result comes from: its method <c>Read(response, tensors, row)</c> gives it.</summary>
internal abstract class ResultValue
{
    /// <summary>The value of <paramref name="type"/> that an output gives; null where it does not fit.</summary>
    /// <param name="output">The output.</param>
    /// <param name="place">Its place among the tensors.</param>
    /// <param name="type">A scalar, or a list for all elements of a row.</param>
    public static ResultValue? Of(TensorMetadata output, int place, Type type)
    {
        var (element, isList) = ElementOf(type) is { } listed ? (listed, true) : (type, false);
        if (!isList && output.Shape.Count > 0 && RowWidth.Fixed(output) is > 1)
            return null;
        return output.Datatype == Datatypes.Text
            ? Make<string>(output, place, element, isList)
            : Datatypes.Make(output.Datatype, new Numbers(output, place, element, isList));
    }

    /// <summary>The value that tells of the model; null where the type does not fit.</summary>
    public static ResultValue? OfOrigin(string name, Type type) =>
        type == typeof(string) ? new OriginText(name)
        : type == typeof(Guid?) ? new OriginId(name)
        : null;

    /// <summary>The type of a list's elements; null for what is no list.</summary>
    public static Type? ElementOf(Type type)
    {
        if (type.IsArray)
            return type.GetElementType();
        return type is { IsInterface: true, IsGenericType: true } && type.GetGenericArguments() is [var element] && type.IsAssignableFrom(element.MakeArrayType()) ? element : null;
    }

    private static ResultValue? Make<T>(TensorMetadata output, int place, Type type, bool isList)
    {
        var element = Expression.Parameter(typeof(T));
        if (ElementExpression.FromElement(element, output.Datatype, type) is not { } value)
            return null;
        var convert = Expression.Lambda(value, element).Compile();
        return (ResultValue)Activator.CreateInstance((isList ? typeof(ListValue<,>) : typeof(ScalarValue<,>)).MakeGenericType(typeof(T), type), place, convert)!;
    }

    private sealed class Numbers(TensorMetadata output, int place, Type type, bool isList) : INumberFactory<ResultValue?>
    {
        public ResultValue? Make<T>()
            where T : unmanaged, INumber<T>, IMinMaxValue<T> => ResultValue.Make<T>(output, place, type, isList);
    }
}

/// <summary>A row's one element of an output.</summary>
internal sealed class ScalarValue<T, TValue>(int place, Func<T, TValue> convert) : ResultValue
{
    public TValue Read(ModelInferResponse response, OutputTensor[] tensors, int row)
    {
        var tensor = (OutputTensor<T>)tensors[place];
        return Converted.Of(tensor, row, tensor.One(row), convert);
    }
}

/// <summary>All of a row's elements of an output, row-major where they have more than one dimension.</summary>
internal sealed class ListValue<T, TValue>(int place, Func<T, TValue> convert) : ResultValue
{
    public TValue[] Read(ModelInferResponse response, OutputTensor[] tensors, int row)
    {
        var tensor = (OutputTensor<T>)tensors[place];
        return Array.ConvertAll(tensor.All(row), element => Converted.Of(tensor, row, element, convert));
    }
}

internal sealed class OriginText(string name) : ResultValue
{
    public string Read(ModelInferResponse response, OutputTensor[] tensors, int row) => Origin.Text(response, name);
}

internal sealed class OriginId(string name) : ResultValue
{
    public Guid? Read(ModelInferResponse response, OutputTensor[] tensors, int row) => Origin.Id(response, name);
}

internal static class Converted
{
    /// <exception cref="InferenceException">The type has no such value.</exception>
    public static TValue Of<T, TValue>(OutputTensor<T> tensor, int row, T element, Func<T, TValue> convert)
    {
        try
        {
            return convert(element);
        }
        catch (Exception unfit) when (unfit is BadValueException or OverflowException)
        {
            throw new InferenceException(StatusCode.OutOfRange, $"row {row + 1}: the server answered '{element}' as '{tensor.Name}', which {TypeName.Of(typeof(TValue))} does not have");
        }
    }
}
