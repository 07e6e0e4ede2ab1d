using System.Threading.Channels;
using Grpc.Core;
using Mlops.Contracts;
using Mlops.Hosting;
using Mlops.Inference.Admission;
using Mlops.Inference.Wire;
using Mlops.Protos;

namespace Mlops.Inference;

/// <summary>The gRPC front of the Open Inference Protocol: it translates and decides nothing.</summary>
[BindServiceMethod(typeof(InferenceBinding), nameof(InferenceBinding.Bind))]
internal sealed partial class InferenceGrpc(DataPlane plane, Gate gate, TimeProvider time, ILogger<InferenceGrpc> logger) : GRPCInferenceService.GRPCInferenceServiceBase
{
    /// <summary>Requests of one stream that are answered at once.</summary>
    private const int MostUnderWay = 64;

    /// <summary>What this server has beyond the protocol's core.</summary>
    private static readonly string[] Extensions = ["model_configuration", "statistics", "model_repository"];

    public override Task<ServerLiveResponse> ServerLive(ServerLiveRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerLiveResponse { Live = true });

    public override Task<ServerReadyResponse> ServerReady(ServerReadyRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerReadyResponse { Ready = plane.IsReady() });

    public override Task<ServerMetadataResponse> ServerMetadata(ServerMetadataRequest request, ServerCallContext context) =>
        Task.FromResult(new ServerMetadataResponse { Name = ServerIdentity.Name, Version = CodeVersion.Current, Extensions = { Extensions } });

    public override Task<ModelReadyResponse> ModelReady(ModelReadyRequest request, ServerCallContext context) =>
        Answer(context, () => ValueTask.FromResult(new ModelReadyResponse { Ready = plane.IsReady(request.Name, request.Version) }));

    public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context) =>
        Answer(context, async () => ModelMessages.Metadata(await plane.DescribeAsync(request.Name, request.Version, context.CancellationToken)));

    public override Task<ModelConfigResponse> ModelConfig(ModelConfigRequest request, ServerCallContext context) =>
        Answer(context, async () => new ModelConfigResponse { Config = ModelMessages.Config(await plane.DescribeAsync(request.Name, request.Version, context.CancellationToken)) });

    public override Task<ModelStatisticsResponse> ModelStatistics(ModelStatisticsRequest request, ServerCallContext context) =>
        Answer(context, () => ValueTask.FromResult(StatisticsMessages.Of(plane.Loaded(request.Name, request.Version))));

    public override Task<RepositoryIndexResponse> RepositoryIndex(RepositoryIndexRequest request, ServerCallContext context) =>
        Answer(context, () => ValueTask.FromResult(ModelMessages.Index(plane.Statuses, request.Ready)));

    /// <summary>One inference. <see cref="InferenceBinding"/> says that gRPC's server calls it.</summary>
    public async Task<InferResponseMessage> ModelInfer(InferRequestMessage message, ServerCallContext context)
    {
        try
        {
            using (message)
            {
                var (request, id) = InferRequestReader.Read(message.Bytes, plane.Names);
                return new InferResponseMessage(await plane.InferAsync(request, context.CancellationToken), id);
            }
        }
        catch (Exception failure)
        {
            throw Status(failure, context);
        }
    }

    /// <summary>Inferences in a row, several of them under way at once, answered in their order. One that fails does not end the call.</summary>
    public async Task ModelStreamInfer(IAsyncStreamReader<InferRequestMessage> requests, IServerStreamWriter<InferStreamMessage> answers, ServerCallContext context)
    {
        try
        {
            await AnswerAllAsync(requests, answers, context);
        }
        catch (Exception failure)
        {
            // Who has gone lets reading and writing fail in many ways.
            throw Status(context.CancellationToken.IsCancellationRequested ? new OperationCanceledException() : failure, context);
        }
    }

    private async Task AnswerAllAsync(IAsyncStreamReader<InferRequestMessage> requests, IServerStreamWriter<InferStreamMessage> answers, ServerCallContext context)
    {
        var underWay = Channel.CreateBounded<Task<InferStreamMessage>>(new BoundedChannelOptions(MostUnderWay) { SingleReader = true, SingleWriter = true });
        var reading = BeginAllAsync(requests, underWay.Writer, context);
        await foreach (var answer in underWay.Reader.ReadAllAsync(context.CancellationToken))
            await answers.WriteAsync(await answer);
        await reading;
    }

    private async Task BeginAllAsync(IAsyncStreamReader<InferRequestMessage> requests, ChannelWriter<Task<InferStreamMessage>> underWay, ServerCallContext context)
    {
        try
        {
            while (await NextAsync(requests, context))
                await underWay.WriteAsync(AnswerAsync(requests.Current, context), context.CancellationToken);
        }
        finally
        {
            underWay.Complete();
        }
    }

    private static async Task<bool> NextAsync(IAsyncStreamReader<InferRequestMessage> requests, ServerCallContext context)
    {
        try
        {
            return await requests.MoveNext(context.CancellationToken);
        }
        catch (Exception broken) when (broken is IOException or InvalidDataException)
        {
            throw Fault.Invalid("", $"the requests cannot be read on: {broken.Message}");
        }
    }

    private async Task<InferStreamMessage> AnswerAsync(InferRequestMessage message, ServerCallContext context)
    {
        Caller? caller = null;
        try
        {
            if (gate.IsLimiting && gate.TryEnter(gate.CallerOf(context.GetHttpContext()), out caller) is { } refusal)
            {
                message.Dispose();
                return new InferStreamMessage(null, refusal.Reason);
            }

            return new InferStreamMessage(await ModelInfer(message, context), "");
        }
        catch (RpcException refused)
        {
            return new InferStreamMessage(null, refused.Status.Detail);
        }
        finally
        {
            if (caller is not null)
                gate.Leave(caller);
        }
    }

    /// <summary>The edge: whatever goes wrong below becomes a status here, and only here.</summary>
    private async Task<TResponse> Answer<TResponse>(ServerCallContext context, Func<ValueTask<TResponse>> answer)
    {
        try
        {
            return await answer();
        }
        catch (Exception failure)
        {
            throw Status(failure, context);
        }
    }

    private RpcException Status(Exception failure, ServerCallContext context)
    {
        var status = RpcStatus.From(failure, context.Deadline, time);
        // gRPC's server itself calls a stream that ends within a message so.
        if (status.StatusCode == StatusCode.Internal && failure is not RpcException)
            LogInternal(failure, context.Method);
        return status;
    }

    [LoggerMessage(LogLevel.Error, "{Method} failed.")]
    private partial void LogInternal(Exception failure, string method);
}
