using Google.Protobuf;
using Grpc.Core;
using Grpc.Health.V1;
using Grpc.Reflection.V1Alpha;
using Microsoft.Extensions.Options;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>What stands beside the protocol: health, reflection, settings.</summary>
public sealed class InferenceServingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("")]
    [InlineData("inference.GRPCInferenceService")]
    public async Task Health_WhileTheFirstModelLoads_IsNotServing(string service)
    {
        await using var server = await InferenceServer.StartAsync();
        var health = new Health.HealthClient(server.Channel);
        var request = new HealthCheckRequest { Service = service };
        (await health.CheckAsync(request, cancellationToken: Cancel)).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);

        var bytes = Models.Add(1).ToByteArray();
        var arrival = new TaskCompletionSource<byte[]>();
        var load = InferenceServer.LoadAsync(server.Host, InferenceServer.Version("m", bytes), _ => arrival.Task);
        (await health.CheckAsync(request, cancellationToken: Cancel)).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.NotServing);
        arrival.SetResult(bytes);
        await load;
        (await health.CheckAsync(request, cancellationToken: Cancel)).Status.ShouldBe(HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task Health_UnknownService_IsNotFound()
    {
        await using var server = await InferenceServer.StartAsync();
        var health = new Health.HealthClient(server.Channel);
        (await Should.ThrowAsync<RpcException>(async () => await health.CheckAsync(new HealthCheckRequest { Service = "other" }, cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.NotFound);
    }

    [Fact]
    public async Task Health_Watched_BecomesServing()
    {
        await using var server = await InferenceServer.StartAsync();
        using var call = new Health.HealthClient(server.Channel).Watch(new HealthCheckRequest { Service = "inference.GRPCInferenceService" }, cancellationToken: Cancel);
        do
            (await call.ResponseStream.MoveNext(Cancel)).ShouldBeTrue();
        while (call.ResponseStream.Current.Status != HealthCheckResponse.Types.ServingStatus.Serving);
    }

    [Fact]
    public async Task Reflection_Asked_TellsTheServicesAndTheProtocol()
    {
        await using var server = await InferenceServer.StartAsync();
        using var call = new ServerReflection.ServerReflectionClient(server.Channel).ServerReflectionInfo(cancellationToken: Cancel);

        await call.RequestStream.WriteAsync(new ServerReflectionRequest { ListServices = "" }, Cancel);
        (await call.ResponseStream.MoveNext(Cancel)).ShouldBeTrue();
        var services = call.ResponseStream.Current.ListServicesResponse.Service.Select(service => service.Name).ToList();
        services.ShouldContain("inference.GRPCInferenceService");
        services.ShouldContain("grpc.health.v1.Health");
        await call.RequestStream.WriteAsync(new ServerReflectionRequest { FileContainingSymbol = "inference.GRPCInferenceService" }, Cancel);
        (await call.ResponseStream.MoveNext(Cancel)).ShouldBeTrue();
        var file = Google.Protobuf.Reflection.FileDescriptorProto.Parser.ParseFrom(call.ResponseStream.Current.FileDescriptorResponse.FileDescriptorProto.Single());
        file.Package.ShouldBe("inference");
        await call.RequestStream.CompleteAsync();
    }

    [Fact]
    public async Task Options_OutOfRange_StopTheStartWithEveryError()
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => InferenceServer.StartAsync(settings: [("MaxMessageBytes", "1"), ("MaxBatchSize", "0")]));
        failure.Failures.Count().ShouldBe(2);
        failure.Message.ShouldContain("MaxMessageBytes");
        failure.Message.ShouldContain("MaxBatchSize");
    }

    [Fact]
    public async Task Options_OfOneModelOutOfRange_StopTheStartWithEveryErrorAndItsModel()
    {
        var failure = await Should.ThrowAsync<OptionsValidationException>(() => InferenceServer.StartAsync(settings:
            [("Models:iris:Batching:MaxRows", "0"), ("Models:iris:Batching:QueueCapacity", "0"), ("Models:digits:Batching:PreferredRows:0", "65")]));
        failure.Message.ShouldContain("Models:iris:Batching: The field MaxRows must be between 1 and 4096.");
        failure.Message.ShouldContain("Models:iris:Batching: The field QueueCapacity must be between 1 and 1000000.");
        failure.Message.ShouldContain("Models:digits:Batching: The field PreferredRows must hold numbers between 1 and MaxRows, 64.");
    }
}
