using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Mlops.Client.Mapping;

/// <summary>The byte order of raw tensors, whatever the machine's is.</summary>
internal static class LittleEndian
{
    public static void Write<T>(Span<byte> bytes, T value)
        where T : unmanaged
    {
        MemoryMarshal.Write(bytes, value);
        if (!BitConverter.IsLittleEndian)
            bytes[..Unsafe.SizeOf<T>()].Reverse();
    }

    public static void WriteAll<T>(Span<byte> bytes, IReadOnlyList<T> values)
        where T : unmanaged
    {
        if (values is T[] array && BitConverter.IsLittleEndian)
        {
            MemoryMarshal.AsBytes<T>(array).CopyTo(bytes);
            return;
        }

        for (var index = 0; index < values.Count; index++)
            Write(bytes[(index * Unsafe.SizeOf<T>())..], values[index]);
    }

    public static T[] ReadAll<T>(ReadOnlySpan<byte> bytes)
        where T : unmanaged
    {
        var values = new T[bytes.Length / Unsafe.SizeOf<T>()];
        var raw = MemoryMarshal.AsBytes(values.AsSpan());
        bytes[..raw.Length].CopyTo(raw);
        for (var at = 0; !BitConverter.IsLittleEndian && at < raw.Length; at += Unsafe.SizeOf<T>())
            raw.Slice(at, Unsafe.SizeOf<T>()).Reverse();
        return values;
    }
}
