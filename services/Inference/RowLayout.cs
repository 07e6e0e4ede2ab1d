using System.Collections.Immutable;

namespace Mlops.Inference;

/// <summary>How much one row of a model takes, where every tensor of it is rows of a known size.</summary>
/// <param name="Inputs">Bytes of a row of each input; for BYTES its elements.</param>
/// <param name="Outputs">Likewise of each output.</param>
internal sealed record RowLayout(ImmutableArray<int> Inputs, ImmutableArray<int> Outputs)
{
    /// <summary>A row beyond it would not gain from memory that stays.</summary>
    private const int LargestRow = 16 << 20;

    private const int Memory = 4 << 20;

    /// <summary>The layout, or null where something else than the number of rows varies.</summary>
    public static RowLayout? Of(ImmutableArray<TensorFact> inputs, ImmutableArray<TensorFact> outputs) =>
        Sizes(inputs) is { } input && Sizes(outputs) is { } output ? new RowLayout(input, output) : null;

    /// <summary>Rows that memory is kept for: as many as wanted, unless they are large.</summary>
    public int Capacity(int wanted) => (int)Math.Clamp(Memory / Math.Max(1L, Inputs.Sum(size => (long)size) + Outputs.Sum(size => (long)size)), 1, wanted);

    private static ImmutableArray<int>? Sizes(ImmutableArray<TensorFact> tensors)
    {
        var sizes = ImmutableArray.CreateBuilder<int>(tensors.Length);
        foreach (var tensor in tensors)
        {
            if (!tensor.HasBatch || !tensor.HasKnownRow || !TensorShape.TryCount(tensor.Shape.AsSpan()[1..], out var elements) || elements > LargestRow / Math.Max(1, tensor.Datatype.ElementSize))
                return null;
            sizes.Add((int)elements * Math.Max(1, tensor.Datatype.ElementSize));
        }

        return sizes.MoveToImmutable();
    }
}
