using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Mlops.Inference.Wire;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>The protocol's methods as gRPC's server learns of them: those that infer have messages of their own, all others the generated ones.</summary>
internal sealed class InferenceBinding : IServiceMethodProvider<InferenceGrpc>
{
    /// <summary>The methods with generated messages. <see cref="BindServiceMethodAttribute"/> names it.</summary>
    public static void Bind(ServiceBinderBase binder, GRPCInferenceService.GRPCInferenceServiceBase service) =>
        GRPCInferenceService.BindService(new AllThatDoNotInfer(binder), service);

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<InferenceGrpc> context)
    {
        var service = GRPCInferenceService.Descriptor.FullName;
        context.AddUnaryMethod(
            new Method<InferRequestMessage, InferResponseMessage>(MethodType.Unary, service, nameof(InferenceGrpc.ModelInfer), InferMarshallers.Requests, InferMarshallers.Responses),
            [],
            static (service, request, call) => service.ModelInfer(request, call));
        context.AddDuplexStreamingMethod(
            new Method<InferRequestMessage, InferStreamMessage>(MethodType.DuplexStreaming, service, nameof(InferenceGrpc.ModelStreamInfer), InferMarshallers.Requests, InferMarshallers.StreamResponses),
            [],
            static (service, requests, answers, call) => service.ModelStreamInfer(requests, answers, call));
    }

    private sealed class AllThatDoNotInfer(ServiceBinderBase binder) : ServiceBinderBase
    {
        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
        {
            if (method.Name != nameof(InferenceGrpc.ModelInfer))
                binder.AddMethod(InferMarshallers.Refusing(method), handler);
        }

        public override void AddMethod<TRequest, TResponse>(Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
        {
        }
    }
}
