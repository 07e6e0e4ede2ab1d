using System.Buffers;
using Grpc.Core;

namespace Mlops.Inference.Wire;

/// <summary>A ModelInferRequest as it came, in memory that is given back when it has been answered.</summary>
public sealed class InferRequestMessage : IDisposable
{
    private byte[]? _rented;
    private readonly int _length;

    private InferRequestMessage(byte[] rented, int length) => (_rented, _length) = (rented, length);

    /// <summary>The message.</summary>
    public ReadOnlyMemory<byte> Bytes => _rented.AsMemory(0, _length);

    /// <summary>Copies it, because the transport takes its memory back.</summary>
    public static InferRequestMessage Take(DeserializationContext context)
    {
        var rented = ArrayPool<byte>.Shared.Rent(context.PayloadLength);
        context.PayloadAsReadOnlySequence().CopyTo(rented);
        return new InferRequestMessage(rented, context.PayloadLength);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { } rented)
            ArrayPool<byte>.Shared.Return(rented);
    }
}

/// <summary>The answer to a ModelInferRequest, before it is written.</summary>
public sealed record InferResponseMessage(InferenceResult Result, string Id);

/// <summary>An answer of ModelStreamInfer.</summary>
/// <param name="Answer">The answer; null where there is none.</param>
/// <param name="Error">Why there is none.</param>
public sealed record InferStreamMessage(InferResponseMessage? Answer, string Error);
