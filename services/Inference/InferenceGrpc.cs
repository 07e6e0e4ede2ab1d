using Google.Protobuf;
using Google.Protobuf.Collections;
using Grpc.Core;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>The gRPC front of the Open Inference Protocol: it translates and decides nothing.</summary>
internal sealed partial class InferenceGrpc(DataPlane plane, TimeProvider time, ILogger<InferenceGrpc> logger) : GRPCInferenceService.GRPCInferenceServiceBase
{
    private const string Platform = "onnxruntime_onnx";

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = plane.IsReady() });

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse { Name = "mlops", Version = CodeVersion.Current });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Answer(context, () => ValueTask.FromResult(new ModelReadyResponse { Ready = plane.IsReady(request.Name, request.Version) }));

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context) =>
        Answer(context, () => ValueTask.FromResult(ToResponse(plane.Describe(request.Name, request.Version))));

    public override Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context) =>
        Answer(context, async () => ToResponse(request.Id, await plane.InferAsync(ToRequest(request), context.CancellationToken)));

    private static InferenceRequest ToRequest(ModelInferRequest request)
    {
        var raw = request.RawInputContents;
        if (raw.Count > 0 && raw.Count != request.Inputs.Count)
            throw Fault.Invalid("raw_input_contents", $"expected one entry for each of the {request.Inputs.Count} inputs, got {raw.Count}");
        var inputs = new InputTensor[request.Inputs.Count];
        for (var index = 0; index < inputs.Length; index++)
            inputs[index] = ToTensor(request.Inputs[index], raw.Count > 0 ? raw[index] : null);
        var outputs = new string[request.Outputs.Count];
        for (var index = 0; index < outputs.Length; index++)
        {
            outputs[index] = request.Outputs[index].Name;
            Unclaimed.Refuse($"outputs.{outputs[index]}", request.Outputs[index].Parameters);
        }

        return new InferenceRequest { Model = request.ModelName, Version = request.ModelVersion, Inputs = inputs, Outputs = outputs };
    }

    private static InputTensor ToTensor(ModelInferRequest.Types.InferInputTensor input, ByteString? raw)
    {
        Unclaimed.Refuse($"inputs.{input.Name}", input.Parameters);
        if (raw is not null && input.Contents is not null)
            throw Fault.Invalid($"inputs.{input.Name}", "expected raw_input_contents or contents, got both");
        return new InputTensor(input.Name, input.Datatype, [.. input.Shape], raw?.Memory ?? TypedContents.ToRaw(input.Name, input.Datatype, input.Contents));
    }

    private static ModelInferResponse ToResponse(string id, InferenceResult result)
    {
        var response = new ModelInferResponse { ModelName = result.Version.Model, ModelVersion = result.Version.Number, Id = id };
        AddOrigin(response.Parameters, result.Version);
        foreach (var output in result.Outputs)
        {
            response.Outputs.Add(new ModelInferResponse.Types.InferOutputTensor { Name = output.Name, Datatype = output.Datatype.Name, Shape = { output.Shape } });
            response.RawOutputContents.Add(UnsafeByteOperations.UnsafeWrap(output.Contents));
        }

        return response;
    }

    /// <summary>What leads from one prediction back to its data.</summary>
    private static void AddOrigin(MapField<string, InferParameter> parameters, ServedVersion version)
    {
        parameters.Add("artifact_digest", new InferParameter { StringParam = version.Digest });
        parameters.Add("model_version_id", new InferParameter { StringParam = version.ModelVersionId.ToString() });
        if (version.PipelineRunId is { } run)
            parameters.Add("pipeline_run_id", new InferParameter { StringParam = run.ToString() });
    }

    private static ModelMetadataResponse ToResponse(ModelDescription model) => new()
    {
        Name = model.Version.Model,
        Versions = { model.Version.Number },
        Platform = Platform,
        Inputs = { model.Inputs.Select(ToMetadata) },
        Outputs = { model.Outputs.Select(ToMetadata) },
    };

    private static ModelMetadataResponse.Types.TensorMetadata ToMetadata(TensorFact fact) =>
        new() { Name = fact.Name, Datatype = fact.Datatype.Name, Shape = { fact.Shape } };

    /// <summary>The edge: whatever goes wrong below becomes a status here, and only here.</summary>
    private async Task<TResponse> Answer<TResponse>(ServerCallContext context, Func<ValueTask<TResponse>> answer)
    {
        try
        {
            return await answer();
        }
        catch (Exception failure)
        {
            var status = RpcStatus.From(failure, context.Deadline, time);
            if (status.StatusCode == StatusCode.Internal)
                LogInternal(failure, context.Method);
            throw status;
        }
    }

    [LoggerMessage(LogLevel.Error, "{Method} failed.")]
    private partial void LogInternal(Exception failure, string method);
}
