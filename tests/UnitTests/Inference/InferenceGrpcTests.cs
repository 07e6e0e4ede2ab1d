using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Mlops.Inference;
using Mlops.Protos;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>The six methods, through a real socket.</summary>
public sealed class InferenceGrpcTests : IAsyncLifetime
{
    private InferenceServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await InferenceServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ServerLiveAndReady_Running_AreTrue()
    {
        (await _server.Client.ServerLiveAsync(new(), cancellationToken: Cancel)).Live.ShouldBeTrue();
        (await _server.Client.ServerReadyAsync(new(), cancellationToken: Cancel)).Ready.ShouldBeTrue();
    }

    [Fact]
    public async Task ServerMetadata_Running_ClaimsOnlyWhatExists()
    {
        var metadata = await _server.Client.ServerMetadataAsync(new(), cancellationToken: Cancel);
        metadata.Name.ShouldBe("mlops");
        metadata.Version.ShouldNotBeEmpty();
        metadata.Extensions.ShouldBe(["model_configuration", "statistics", "model_repository"]);
    }

    [Fact]
    public async Task ModelReady_LoadingThenLoaded_IsFalseThenTrue()
    {
        var bytes = Models.Add(1).ToByteArray();
        var arrival = new TaskCompletionSource<byte[]>();
        var load = InferenceServer.LoadAsync(_server.Host, InferenceServer.Version("m", bytes), _ => arrival.Task);

        (await ReadyAsync("m")).ShouldBeFalse();
        (await _server.Client.ServerReadyAsync(new(), cancellationToken: Cancel)).Ready.ShouldBeFalse();
        var refusal = await _server.RefusalAsync(Requests.To("m", Requests.Floats("x", [1, 2], 1, 2)));
        refusal.StatusCode.ShouldBe(StatusCode.Unavailable);
        refusal.Detail.ShouldBe("model_version: version 1 of model 'm' is still loading");
        arrival.SetResult(bytes);
        await load;
        (await ReadyAsync("m")).ShouldBeTrue();
        (await ReadyAsync("m", "1")).ShouldBeTrue();
    }

    [Fact]
    public async Task ModelMetadata_Loaded_TellsWhatTheGraphDeclares()
    {
        await _server.ServeAsync("columns", Models.Columns(), 7);

        var metadata = await _server.Client.ModelMetadataAsync(new ModelMetadataRequest { Name = "columns" }, cancellationToken: Cancel);

        metadata.Name.ShouldBe("columns");
        metadata.Versions.ShouldBe(["7"]);
        metadata.Platform.ShouldBe("onnxruntime_onnx");
        metadata.Inputs.Select(input => $"{input.Name} {input.Datatype} {string.Join(',', input.Shape)}").ShouldBe(["age FP32 -1,1", "city BYTES -1,1", "rooms INT64 -1,1"]);
        metadata.Outputs.Select(output => $"{output.Name} {output.Datatype} {string.Join(',', output.Shape)}").ShouldBe(["value FP32 -1,1"]);
    }

    [Fact]
    public async Task ModelInfer_NamesVersionAndId_AreAnsweredWithTheModelsOrigin()
    {
        await _server.ServeAsync("m", Models.Add(10), 3);
        var request = Requests.To("m", Requests.Floats("x", [2, 2], 1, 2, 3, 4));
        request.Id = "request-1";
        request.ModelVersion = "3";

        var response = await _server.InferAsync(request);

        response.ModelName.ShouldBe("m");
        response.ModelVersion.ShouldBe("3");
        response.Id.ShouldBe("request-1");
        var version = InferenceServer.Version("m", Models.Add(10).ToByteArray(), 3);
        response.Parameters.ToDictionary(parameter => parameter.Key, parameter => parameter.Value.StringParam).ShouldBe(new Dictionary<string, string>
        {
            ["artifact_digest"] = version.Digest,
            ["model_version_id"] = $"{version.ModelVersionId}",
            ["pipeline_run_id"] = $"{version.PipelineRunId}",
        }, ignoreOrder: true);
        response.Outputs.ShouldHaveSingleItem().Shape.ShouldBe([2, 2]);
        response.Outputs[0].Contents.ShouldBeNull();
        Requests.Floats(response).ShouldBe([11, 12, 13, 14]);
    }

    [Fact]
    public async Task ModelInfer_NoPipelineRun_LeavesItsParameterOut()
    {
        await _server.ServeAsync("m", Models.Add(1), 2);
        var response = await _server.InferAsync(Requests.To("m", Requests.Floats("x", [1, 2], 1, 2)));
        response.Parameters.Keys.ShouldBe(["artifact_digest", "model_version_id"], ignoreOrder: true);
    }

    [Fact]
    public async Task ModelInfer_RequestedOutputs_ComeInTheCallersOrder()
    {
        await _server.ServeAsync("two", Models.TwoInputs());
        var request = Requests.To("two", Requests.Floats("b", [1, 2], 10, 20), Requests.Floats("a", [1, 2], 1, 2));

        var all = await _server.InferAsync(request);
        all.Outputs.Select(output => output.Name).ShouldBe(["sum", "twice"]);
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "twice" });
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "sum" });
        var swapped = await _server.InferAsync(request);

        swapped.Outputs.Select(output => output.Name).ShouldBe(["twice", "sum"]);
        Requests.Floats(swapped, 0).ShouldBe([2, 4]);
        Requests.Floats(swapped, 1).ShouldBe([11, 22]);
        request.Outputs.RemoveAt(1);
        (await _server.InferAsync(request)).RawOutputContents.Count.ShouldBe(1);
    }

    [Fact]
    public async Task ModelInfer_NoRows_AnswersEmptyOutputs()
    {
        await _server.ServeAsync("classifier", Models.Classifier());

        var response = await _server.InferAsync(Requests.To("classifier", Requests.Floats("features", [0, 2])));

        response.Outputs.Select(output => $"{output.Name} {output.Datatype} {string.Join(',', output.Shape)}").ShouldBe(["label BYTES 0", "probabilities FP32 0,2"]);
        response.RawOutputContents.ShouldAllBe(contents => contents.IsEmpty);
    }

    [Fact]
    public async Task ModelInfer_NoRowsForOperatorsThatNeedOne_AnswersEmptyOutputs()
    {
        await _server.ServeAsync("first", Models.AddFirstRow());
        Requests.Floats(await _server.InferAsync(Requests.To("first", Requests.Floats("x", [2, 2], 1, 2, 3, 4)))).ShouldBe([2, 4, 4, 6]);
        (await _server.InferAsync(Requests.To("first", Requests.Floats("x", [0, 2])))).Outputs.ShouldHaveSingleItem().Shape.ShouldBe([0, 2]);
    }

    [Fact]
    public async Task ModelInfer_NoColumns_SumsToZeros()
    {
        await _server.ServeAsync("sum", Models.Sum());
        Requests.Floats(await _server.InferAsync(Requests.To("sum", Requests.Floats("x", [3, 0])))).ShouldBe([0, 0, 0]);
    }

    [Fact]
    public async Task ModelInfer_Label_IsABytesTensor()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        var response = await _server.InferAsync(Requests.To("classifier", Requests.Floats("features", [2, 2], 1, 2, 6, 7)));
        response.RawOutputContents[0].ToByteArray().ShouldBe([5, 0, 0, 0, .. "small"u8, 3, 0, 0, 0, .. "big"u8]);
        Requests.Floats(response, 1).ShouldBe([0.5f, 1, 3, 3.5f]);
    }

    [Fact]
    public async Task ModelInfer_TwiceTheDefaultLimitsOfKestrelAndGrpc_IsAnswered()
    {
        const int Rows = 5_000_000;
        await using var server = await InferenceServer.StartAsync(settings: ("MaxBatchSize", $"{Rows}"));
        await server.ServeAsync("m", Models.Add(1));
        var values = new float[2 * Rows];
        values[^1] = 5;

        var response = await server.InferAsync(Requests.To("m", Requests.Floats("x", [Rows, 2], values)));

        MemoryMarshal.Cast<byte, float>(response.RawOutputContents[0].Span)[^1].ShouldBe(6);
    }

    [Fact]
    public async Task ModelInfer_MessageOverTheLimit_IsExhausted()
    {
        await using var server = await InferenceServer.StartAsync(settings: ("MaxMessageBytes", "2000"));
        await server.ServeAsync("m", Models.Add(1));
        (await server.RefusalAsync(Requests.To("m", Requests.Floats("x", [250, 2], new float[500])))).StatusCode.ShouldBe(StatusCode.ResourceExhausted);
        Requests.Floats(await server.InferAsync(Requests.To("m", Requests.Floats("x", [200, 2], new float[400])))).Length.ShouldBe(400);
    }

    [Fact]
    public async Task ModelInfer_DeadlinePassed_IsExceeded()
    {
        await _server.ServeAsync("m", Models.Add(1));
        var failure = await Should.ThrowAsync<RpcException>(async () =>
            await _server.Client.ModelInferAsync(Requests.To("m", Requests.Floats("x", [1, 2], 1, 2)), deadline: DateTime.UnixEpoch, cancellationToken: Cancel));
        failure.StatusCode.ShouldBe(StatusCode.DeadlineExceeded);
    }

    [Fact]
    public async Task ModelInfer_DefectOfOurs_TellsNothingOfIt()
    {
        var broken = new BrokenOptions();
        await using var server = await InferenceServer.StartAsync(services => services.AddSingleton<IOptions<InferenceOptions>>(broken));
        await server.ServeAsync("m", Models.Add(1));
        broken.Breaks = true;
        var status = await server.RefusalAsync(Requests.To("m", Requests.Floats("x", [1, 2], 1, 2)));
        status.StatusCode.ShouldBe(StatusCode.Internal);
        status.Detail.ShouldBe("internal error");
    }

    [Fact]
    public async Task ModelInfer_WhileVersionsChange_NeverFails()
    {
        await _server.ServeAsync("m", Models.Add(1));
        using var stop = new CancellationTokenSource();
        var callers = Enumerable.Range(0, 4).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                var response = await _server.InferAsync(Requests.To("m", Requests.Floats("x", [1, 2], 0, 0)));
                Requests.Floats(response)[0].ShouldBe(float.Parse(response.ModelVersion));
            }
        }).ToArray();
        for (var version = 2; version <= 20; version++)
            await _server.ServeAsync("m", Models.Add(version), version);
        await stop.CancelAsync();
        await Task.WhenAll(callers);
    }

    private async Task<bool> ReadyAsync(string name, string version = "") =>
        (await _server.Client.ModelReadyAsync(new ModelReadyRequest { Name = name, Version = version }, cancellationToken: Cancel)).Ready;
}
