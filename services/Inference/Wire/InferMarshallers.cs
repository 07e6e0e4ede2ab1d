using Google.Protobuf;
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

    /// <summary>The same method, whose caller is told of a message that cannot be read; gRPC's server would call that an error of ours.</summary>
    internal static Method<TRequest, TResponse> Refusing<TRequest, TResponse>(Method<TRequest, TResponse> method)
        where TRequest : class
        where TResponse : class =>
        new(method.Type, method.ServiceName, method.Name, new Marshaller<TRequest>(method.RequestMarshaller.ContextualSerializer, context => Read(method, context)), method.ResponseMarshaller);

    private static TRequest Read<TRequest, TResponse>(Method<TRequest, TResponse> method, DeserializationContext context)
    {
        try
        {
            return method.RequestMarshaller.ContextualDeserializer(context);
        }
        catch (InvalidProtocolBufferException malformed)
        {
            throw new RpcException(new Status(StatusCode.InvalidArgument, $"not a message that can be read: {malformed.Message}"));
        }
    }
}
