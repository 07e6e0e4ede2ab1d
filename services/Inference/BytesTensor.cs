using System.Buffers.Binary;

namespace Mlops.Inference;

/// <summary>The raw form of a BYTES tensor: each element is its length in four bytes, little-endian, and then itself.</summary>
public static class BytesTensor
{
    /// <summary>Bytes of an element's length.</summary>
    public const int Prefix = sizeof(uint);

    /// <summary>What is wrong with these contents of a tensor with so many elements, or null.</summary>
    public static string? Check(ReadOnlySpan<byte> contents, long elements)
    {
        var total = contents.Length;
        long count = 0;
        while (!contents.IsEmpty)
        {
            if (contents.Length < Prefix)
                return $"element {count} begins at byte {total - contents.Length}, where its length needs {Prefix} bytes and {contents.Length} are left";
            var length = BinaryPrimitives.ReadUInt32LittleEndian(contents);
            if (length > contents.Length - Prefix)
                return $"element {count} says it has {length} bytes, and {contents.Length - Prefix} are left";
            contents = contents[(Prefix + (int)length)..];
            count++;
        }

        return count == elements ? null : $"expected {elements} elements, got {count}";
    }

    /// <summary>Takes the first element off checked contents.</summary>
    public static ReadOnlySpan<byte> Take(ref ReadOnlySpan<byte> contents)
    {
        var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(contents);
        var element = contents.Slice(Prefix, length);
        contents = contents[(Prefix + length)..];
        return element;
    }

    /// <summary>Bytes that an element of this length takes.</summary>
    public static long Size(int length) => Prefix + (long)length;

    /// <summary>Writes an element and moves on behind it.</summary>
    public static void Put(ref Span<byte> destination, ReadOnlySpan<byte> element)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(destination, (uint)element.Length);
        element.CopyTo(destination[Prefix..]);
        destination = destination[(Prefix + element.Length)..];
    }
}
