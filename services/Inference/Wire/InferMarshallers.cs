using Grpc.Core;

namespace Mlops.Inference.Wire;

/// <summary>How messages of ModelInfer and ModelStreamInfer come from the wire and go to it, on a server's side.</summary>
public static class InferMarshallers
{
    /// <summary>Reads requests.</summary>
    public static Marshaller<InferRequestMessage> Requests { get; } = new((_, _) => throw new NotSupportedException(), InferRequestMessage.Take);

    /// <summary>Writes answers.</summary>
    public static Marshaller<InferResponseMessage> Responses { get; } = new(InferResponseWriter.Write, _ => throw new NotSupportedException());

    /// <summary>Writes a stream's answers.</summary>
    public static Marshaller<InferStreamMessage> StreamResponses { get; } = new(InferResponseWriter.Write, _ => throw new NotSupportedException());
}
