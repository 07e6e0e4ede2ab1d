using System.Collections.Immutable;

namespace Mlops.Inference;

/// <summary>A row of zeros, for a model's first run.</summary>
internal static class MadeRow
{
    /// <summary>The inputs of one row, or null where more varies than the number of rows, so that no shape is sure to fit.</summary>
    public static InputTensor[]? For(ImmutableArray<TensorFact> inputs) =>
        inputs.All(input => input.HasKnownRow) ? [.. inputs.Select(For)] : null;

    private static InputTensor For(TensorFact input)
    {
        long[] shape = [.. input.Shape.Select(dim => dim < 0 ? 1 : dim)];
        if (!TensorShape.TryCount(shape, out var elements))
            throw Contracts.Fault.Invalid(input.Name, $"the model's shape {TensorShape.Text(shape)} has more elements than can be counted");
        return new InputTensor(input.Name, input.Datatype.Name, shape, input.Datatype.IsBytes ? Zeros(elements) : new byte[elements * input.Datatype.ElementSize]);
    }

    /// <summary>The text "0" is a category that nobody knows, and also a number: no operator for text stumbles over it.</summary>
    private static byte[] Zeros(long elements)
    {
        var contents = new byte[elements * BytesTensor.Size(1)];
        var rest = contents.AsSpan();
        while (!rest.IsEmpty)
            BytesTensor.Put(ref rest, "0"u8);
        return contents;
    }
}
