using System.Buffers;

namespace Mlops.Inference;

/// <summary>What a model gave.</summary>
/// <param name="Outputs">In the order asked for.</param>
/// <param name="Rented">The memory that they lie in, where it is to be given back.</param>
public readonly record struct ModelAnswer(OutputTensor[] Outputs, byte[]? Rented) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose()
    {
        if (Rented is not null)
            ArrayPool<byte>.Shared.Return(Rented);
    }
}
