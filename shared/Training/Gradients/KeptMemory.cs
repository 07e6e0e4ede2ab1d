using System.Runtime.InteropServices;
using Mlops.Training.Optimization;

namespace Mlops.Training.Gradients;

/// <summary>Memory that is kept from batch to batch.</summary>
internal static class KeptMemory
{
    private const int Alignment = FlatWeights.Alignment * sizeof(float);

    /// <summary>Zeros, which begin where registers do.</summary>
    public static Memory<float> Of(int length)
    {
        var values = GC.AllocateArray<float>(length + FlatWeights.Alignment, pinned: true);
        var misaligned = (int)(Marshal.UnsafeAddrOfPinnedArrayElement(values, 0) % Alignment);
        return values.AsMemory((Alignment - misaligned) % Alignment / sizeof(float), length);
    }
}
