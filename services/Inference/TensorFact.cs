using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;
using Mlops.Contracts;
using Mlops.Scoring;

namespace Mlops.Inference;

/// <summary>One input or output of a model, as the model itself declares it.</summary>
/// <param name="Name">The tensor's name.</param>
/// <param name="Datatype">A datatype of the protocol.</param>
/// <param name="Shape">−1 for a dimension that varies.</param>
/// <param name="Symbols">The dimensions' names, empty where a dimension has none.</param>
public sealed record TensorFact(string Name, TensorDatatype Datatype, ImmutableArray<long> Shape, ImmutableArray<string> Symbols)
{
    /// <summary>The names of its columns, where the model tells them; else empty.</summary>
    public ImmutableArray<string> Columns { get; init; } = [];

    /// <summary>Whether the first dimension is a number of rows that the caller chooses.</summary>
    public bool HasBatch => Shape is [< 0, ..];

    /// <summary>Whether a single row's shape is known: nothing but the number of rows varies.</summary>
    public bool HasKnownRow => Shape.Length > 0 && Shape.LastIndexOf(-1) <= 0;

    /// <summary>The tensors that the protocol can carry; a sequence or a map is none of them and is left out.</summary>
    public static ImmutableArray<TensorFact> From(IReadOnlyDictionary<string, NodeMetadata> nodes) =>
        [.. nodes.Where(node => node.Value.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR).Select(node => From(node.Key, node.Value))];

    private static TensorFact From(string name, NodeMetadata node) => new(
        name,
        TensorDatatype.Find(node.ElementDataType) ?? throw Fault.Invalid(name, $"the model's tensor is of {node.ElementDataType}, which the protocol cannot carry; accepted: {TensorDatatype.Names}"),
        [.. node.Dimensions.Select(dim => dim < 0 ? -1L : dim)],
        [.. node.SymbolicDimensions]);
}

/// <summary>Two dimensions of a model's inputs that bear the same name and so must be equal in a request.</summary>
public readonly record struct SharedDimension(string Symbol, int Input, int Axis, int OtherInput, int OtherAxis)
{
    /// <summary>Each named dimension, paired with the first one of that name.</summary>
    public static ImmutableArray<SharedDimension> Among(ImmutableArray<TensorFact> inputs)
    {
        var first = new Dictionary<string, (int Input, int Axis)>();
        var shared = ImmutableArray.CreateBuilder<SharedDimension>();
        for (var input = 0; input < inputs.Length; input++)
        {
            for (var axis = 0; axis < inputs[input].Symbols.Length; axis++)
            {
                var symbol = inputs[input].Symbols[axis];
                if (symbol.Length > 0 && !first.TryAdd(symbol, (input, axis)))
                    shared.Add(new SharedDimension(symbol, input, axis, first[symbol].Input, first[symbol].Axis));
            }
        }

        return shared.ToImmutable();
    }
}
