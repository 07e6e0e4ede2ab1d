using static TorchSharp.torch;

namespace Mlops.Training.Networks;

internal static class TensorValues
{
    /// <summary>A copy of the elements, row-major, from whichever device they are on.</summary>
    public static float[] ToFloats(this Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return [.. tensor.detach().cpu().contiguous().data<float>()];
    }
}
