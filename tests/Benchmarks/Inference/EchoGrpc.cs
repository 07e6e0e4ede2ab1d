using Grpc.AspNetCore.Server.Model;
using Grpc.Core;
using Mlops.Inference;
using Mlops.Inference.Wire;
using Mlops.Scoring;

namespace Mlops.Benchmarks.Inference;

/// <summary>What the same server does with the same message without a model: it reads a ModelInferRequest and answers with its first tensor.</summary>
internal sealed class EchoGrpc(ModelHost host) : IServiceMethodProvider<EchoGrpc>
{
    public const string Path = "/mlops.benchmarks.Echo/Infer";

    private static readonly ServedVersion Version = new() { Model = "echo", Version = 1, Digest = new string('0', 64), ModelVersionId = Guid.Empty, PipelineRunId = Guid.Empty };

    public void OnServiceMethodDiscovery(ServiceMethodProviderContext<EchoGrpc> context)
    {
        var method = new Method<InferRequestMessage, InferResponseMessage>(
            MethodType.Unary, Path.Split('/')[1], Path.Split('/')[2], InferMarshallers.Requests, InferMarshallers.Responses);
        context.AddUnaryMethod(method, [], static (service, request, _) => Task.FromResult(service.Answer(request)));
    }

    private InferResponseMessage Answer(InferRequestMessage message)
    {
        using (message)
        {
            var (request, id) = InferRequestReader.Read(message.Bytes, host.Names);
            var input = request.Inputs[0];
            var output = new OutputTensor(input.Name, TensorDatatype.Find(input.Datatype)!, input.Shape, input.Contents.ToArray());
            return new InferResponseMessage(new InferenceResult(Version, new ModelAnswer([output], null)), id);
        }
    }
}
