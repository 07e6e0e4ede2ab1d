using Google.Protobuf;
using Grpc.Core;
using Mlops.Protos;
using Mlops.Scoring;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Inference;

/// <summary>What the server claims beyond the core: model configuration, statistics, the repository's index, and streams.</summary>
public sealed class InferenceExtensionTests : IAsyncLifetime
{
    private InferenceServer _server = null!;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await InferenceServer.StartAsync(null, ("MaxBatchSize", "500"), ("Models:m:Batching:PreferredRows:0", "8"), ("Models:m:Batching:MaxQueueDelayMicroseconds", "200"));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ModelConfig_RowsVary_LeavesTheirDimensionOut()
    {
        await _server.ServeAsync("m", Models.Columns());

        var config = await ConfigAsync("m");

        (config.Name, config.Platform, config.Backend, config.MaxBatchSize).ShouldBe(("m", "onnxruntime_onnx", "onnxruntime", 500));
        config.Input.Select(input => $"{input.Name} {input.DataType} {input.Dims}").ShouldBe(["age TypeFp32 [ \"1\" ]", "city TypeString [ \"1\" ]", "rooms TypeInt64 [ \"1\" ]"]);
        config.Output.Select(output => $"{output.Name} {output.DataType} {output.Dims}").ShouldBe(["value TypeFp32 [ \"1\" ]"]);
        config.InstanceGroup.ShouldHaveSingleItem().ShouldBe(new ModelInstanceGroup
        {
            Name = "m",
            Count = Environment.ProcessorCount,
            Kind = OnnxSessions.WhyNoCuda is null ? ModelInstanceGroup.Types.Kind.Gpu : ModelInstanceGroup.Types.Kind.Cpu,
        });
        (config.DynamicBatching.MaxQueueDelayMicroseconds, config.DynamicBatching.PreferredBatchSize).ShouldBe((200ul, [8]));
    }

    [Fact]
    public async Task ModelConfig_NoRowsToCount_KeepsEveryDimension()
    {
        await _server.ServeAsync("fixed", Models.Identity(Mlops.Onnx.Format.TensorProto.Types.DataType.Double, 2, 3));

        var config = await ConfigAsync("fixed");

        (config.MaxBatchSize, config.DynamicBatching).ShouldBe((0, null));
        config.Input.ShouldHaveSingleItem().Dims.ShouldBe([2, 3]);
    }

    [Fact]
    public async Task ModelConfig_UnknownModel_IsNotFound() =>
        (await Should.ThrowAsync<RpcException>(() => ConfigAsync("nobody"))).StatusCode.ShouldBe(StatusCode.NotFound);

    [Fact]
    public async Task ModelMetadata_FileNamesItsColumns_TellsThem()
    {
        await _server.ServeAsync("named", Models.NamedColumns());
        var metadata = await _server.Client.ModelMetadataAsync(new ModelMetadataRequest { Name = "named" }, cancellationToken: Stop);
        metadata.Inputs.ShouldHaveSingleItem().Parameters["columns"].StringParam.ShouldBe("""["width","height"]""");
        (await _server.Http.GetStringAsync(new Uri("/v2/models/named", UriKind.Relative), Stop)).ShouldContain("""
            "parameters":{"columns":["width","height"]}
            """);
    }

    [Fact]
    public async Task ModelStatistics_AfterRequests_CountsRequestsRunsAndRows()
    {
        await _server.ServeAsync("sum", Models.Add(1));
        for (var request = 0; request < 3; request++)
            await _server.InferAsync(To("sum", Floats("x", [1, 2], 1, 2)));
        await _server.InferAsync(To("sum", Floats("x", [2, 2], 1, 2, 3, 4)));
        await _server.InferAsync(To("sum", Floats("x", [0, 2])));
        await _server.RefusalAsync(To("sum", Floats("x", [1, 3], 1, 2, 3)));

        var found = (await StatisticsAsync("sum")).ModelStats.ShouldHaveSingleItem();

        (found.Name, found.Version, found.InferenceCount, found.ExecutionCount).ShouldBe(("sum", "1", 5ul, 4ul));
        (found.InferenceStats.Success.Count, found.InferenceStats.Fail.Count).ShouldBe((5ul, 1ul));
        (found.InferenceStats.ComputeInput.Count, found.InferenceStats.ComputeInfer.Count, found.InferenceStats.ComputeOutput.Count).ShouldBe((4ul, 4ul, 4ul));
        found.InferenceStats.ComputeInfer.Ns.ShouldBeInRange(1ul, found.InferenceStats.Success.Ns);
        found.BatchStats.Select(batch => (batch.BatchSize, batch.ComputeInfer.Count)).ShouldBe([(1, 3), (2, 1)]);
        DateTimeOffset.FromUnixTimeMilliseconds((long)found.LastInference).ShouldBe(TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(1));
    }

    [Fact]
    public async Task ModelStatistics_NoName_TellsOfAllModels()
    {
        await _server.ServeAsync("b", Models.Add(1), 4);
        await _server.ServeAsync("a", Models.Add(1));

        (await StatisticsAsync("")).ModelStats.Select(model => (model.Name, model.Version, model.ExecutionCount)).ShouldBe([("a", "1", 0), ("b", "4", 0)]);
        (await Should.ThrowAsync<RpcException>(() => StatisticsAsync("nobody"))).StatusCode.ShouldBe(StatusCode.NotFound);
        (await Should.ThrowAsync<RpcException>(() => StatisticsAsync("b", "5"))).StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task RepositoryIndex_ReadyAndFailed_TellsStateAndReason()
    {
        await _server.ServeAsync("good", Models.Add(1), 2);
        var bytes = Models.Add(2).ToByteArray();
        await Should.ThrowAsync<Exception>(() => InferenceServer.LoadAsync(_server.Host, InferenceServer.Version("bad", bytes), _ => Task.FromResult(new byte[] { 1 })));

        var all = (await _server.Client.RepositoryIndexAsync(new(), cancellationToken: Stop)).Models;
        all.Select(model => (model.Name, model.Version, model.State)).ShouldBe([("bad", "1", "UNAVAILABLE"), ("good", "2", "READY")]);
        all[0].Reason.ShouldStartWith("digest: the bytes of bad version 1 have SHA-256");
        (await _server.Client.RepositoryIndexAsync(new() { Ready = true }, cancellationToken: Stop)).Models.ShouldHaveSingleItem().Name.ShouldBe("good");
    }

    [Fact]
    public async Task ModelStreamInfer_OneFails_TheOthersAreAnsweredInOrder()
    {
        await _server.ServeAsync("m", Models.Add(1));
        using var call = _server.Client.ModelStreamInfer(cancellationToken: Stop);
        for (var index = 0; index < 200; index++)
        {
            var request = To(index == 77 ? "nobody" : "m", Floats("x", [1, 2], index, 0));
            request.Id = $"{index}";
            await call.RequestStream.WriteAsync(request, Stop);
        }

        await call.RequestStream.CompleteAsync();
        var answers = new List<ModelStreamInferResponse>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync(Stop))
            answers.Add(answer);

        answers.Count.ShouldBe(200);
        (answers[77].ErrorMessage, answers[77].InferResponse).ShouldBe(("model_name: there is no model 'nobody'", null));
        answers.RemoveAt(77);
        answers.ShouldAllBe(answer => answer.ErrorMessage == "" && Floats(answer.InferResponse)[0] == int.Parse(answer.InferResponse.Id) + 1);
    }

    [Fact]
    public async Task ModelStreamInfer_CallerGoesAway_EndsTheCall()
    {
        await _server.ServeAsync("m", Models.Add(1));
        using var gone = CancellationTokenSource.CreateLinkedTokenSource(Stop);
        using var call = _server.Client.ModelStreamInfer(cancellationToken: gone.Token);
        await call.RequestStream.WriteAsync(To("m", Floats("x", [1, 2], 1, 0)), Stop);
        (await call.ResponseStream.MoveNext(Stop)).ShouldBeTrue();
        await gone.CancelAsync();

        (await Should.ThrowAsync<RpcException>(() => call.ResponseStream.MoveNext(CancellationToken.None))).StatusCode.ShouldBe(StatusCode.Cancelled);
        (await _server.InferAsync(To("m", Floats("x", [1, 2], 1, 0)))).Outputs.Count.ShouldBe(1);
    }

    private async Task<ModelConfig> ConfigAsync(string name) => (await _server.Client.ModelConfigAsync(new ModelConfigRequest { Name = name }, cancellationToken: Stop)).Config;

    private async Task<ModelStatisticsResponse> StatisticsAsync(string name, string version = "") =>
        await _server.Client.ModelStatisticsAsync(new ModelStatisticsRequest { Name = name, Version = version }, cancellationToken: Stop);
}
