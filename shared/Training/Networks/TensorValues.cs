using static TorchSharp.torch;

namespace Mlops.Training.Networks;

internal static class TensorValues
{
    private const long BlockElements = 1 << 24;

    /// <summary>Looks at bytes that are there during the call only.</summary>
    public delegate void BytesReader(ReadOnlySpan<byte> bytes);

    /// <summary>A copy of the elements, row-major, from whichever device they are on.</summary>
    public static float[] ToFloats(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().cpu().contiguous().data<float>()];
    }

    /// <summary>The one element, from whichever device it is on.</summary>
    public static double ToNumber(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.detach().to(ScalarType.Float64).item<double>();
    }

    /// <summary>Shows the elements' bytes, row-major, from whichever device they are on: in blocks, because a tensor may have more bytes than a span.</summary>
    public static void ReadBytes(this Tensor tensor, BytesReader read)
    {
        using var scope = NewDisposeScope();
        var elements = tensor.detach().cpu().contiguous().view(-1);
        for (var start = 0L; start < elements.shape[0]; start += BlockElements)
            read(elements.narrow(0, start, Math.Min(BlockElements, elements.shape[0] - start)).bytes);
    }

    /// <summary>Sets the elements to what <see cref="ReadBytes"/> showed, whichever device they are on.</summary>
    public static void WriteBytes(this Tensor tensor, ReadOnlySpan<byte> bytes)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var elements = empty(tensor.shape, tensor.dtype, CPU);
        bytes.CopyTo(elements.bytes);
        tensor.copy_(elements);
    }

    /// <summary>Number of bytes of all elements.</summary>
    public static long ByteCount(this Tensor tensor) => tensor.numel() * tensor.element_size();
}
