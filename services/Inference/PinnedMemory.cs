using System.Runtime.InteropServices;

namespace Mlops.Inference;

/// <summary>Memory that does not move, aligned as vector instructions like it best.</summary>
internal sealed class PinnedMemory
{
    private const int Alignment = 64;
    private readonly byte[] _array;
    private readonly int _start;
    private readonly int _length;

    public PinnedMemory(int length)
    {
        _array = GC.AllocateArray<byte>(length + Alignment, pinned: true);
        var address = Marshal.UnsafeAddrOfPinnedArrayElement(_array, 0);
        (_start, _length) = ((int)(-address & (Alignment - 1)), length);
        Address = address + _start;
    }

    /// <summary>Valid as long as this object is.</summary>
    public nint Address { get; }

    public Span<byte> Span => _array.AsSpan(_start, _length);
}
