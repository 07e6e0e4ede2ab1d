using System.Runtime.InteropServices;

namespace Mlops.Training.Gradients;

/// <summary>Memory that is kept from batch to batch.</summary>
internal static class KeptMemory
{
    // A cache line, and the widest register.
    private const int Alignment = 64;

    /// <summary>Zeros, which begin where registers do.</summary>
    public static Memory<float> Of(int length)
    {
        var values = GC.AllocateArray<float>(length + (Alignment / sizeof(float)), pinned: true);
        var misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(values, 0) % Alignment);
        return values.AsMemory((Alignment - misaligned) % Alignment / sizeof(float), length);
    }
}
