using Grpc.Core;
using Mlops.Client;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Client.Scripts;

namespace Mlops.UnitTests.Client;

public sealed class DeadlineTests : IAsyncLifetime
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    private ScriptedServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _server.Metadata = Model("1", Tensor("age", "FP32", [-1, 1]));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Server_ThatNeverAnswers_IsGivenUpAtTheClientsDeadline()
    {
        _server.Infer = NeverAsync;
        using var client = Client(options => options.Deadline = TimeSpan.FromSeconds(2));

        var failure = await Should.ThrowAsync<InferenceException>(() => client.PredictAsync<Row, float>("m", new Row(1), cancellationToken: Cancel));

        (failure.Status, failure.Message).ShouldBe((StatusCode.DeadlineExceeded, "no answer within the deadline of 00:00:02"));
        _server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Call_WithADeadlineOfItsOwn_IsGivenUpThen()
    {
        using var client = Client();
        await client.GetMetadataAsync("m", cancellationToken: Cancel);
        _server.Infer = NeverAsync;

        var failure = await Should.ThrowAsync<InferenceException>(() => client.PredictAsync<Row, float>("m", new Row(1), deadline: Short, cancellationToken: Cancel));

        (failure.Status, failure.Message).ShouldBe((StatusCode.DeadlineExceeded, "no answer within the deadline of 00:00:00.1500000"));
    }

    /// <summary>gRPC's own word for it, when the server's clock is first.</summary>
    [Fact]
    public async Task Call_WhoseDeadlineTheServerNoticesFirst_SaysTheSame()
    {
        using var client = Client();
        _server.Infer = (_, _) => throw new RpcException(new Status(StatusCode.DeadlineExceeded, "Deadline Exceeded"));

        var failure = await Should.ThrowAsync<InferenceException>(() => client.PredictAsync<Row, float>("m", new Row(1), deadline: TimeSpan.FromSeconds(7), cancellationToken: Cancel));

        failure.Message.ShouldBe("no answer within the deadline of 00:00:07");
    }

    [Fact]
    public async Task Deadline_OfACall_IsTheServersToo()
    {
        using var client = Client();
        DateTime told = default;
        _server.Infer = (_, context) =>
        {
            told = context.Deadline;
            return Task.FromResult(Answer("1", 7));
        };

        await client.PredictAsync<Row, float>("m", new Row(1), deadline: TimeSpan.FromMinutes(30), cancellationToken: Cancel);

        (told - TimeProvider.System.GetUtcNow().UtcDateTime).ShouldBeInRange(TimeSpan.FromMinutes(25), TimeSpan.FromMinutes(30));
    }

    [Fact]
    public async Task Cancellation_WhileTheServerThinks_EndsTheCall()
    {
        using var client = Client();
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        _server.Infer = async (request, context) =>
        {
            await cancellation.CancelAsync();
            return await NeverAsync(request, context);
        };

        await Should.ThrowAsync<OperationCanceledException>(() => client.PredictAsync<Row, float>("m", new Row(1), cancellationToken: cancellation.Token));
    }

    [Fact]
    public async Task Server_ThatIsFullAndSaysWhen_IsAskedAgain()
    {
        using var client = Client();
        _server.Infer = (_, _) => _server.Requests.Count == 1
            ? throw Failure(StatusCode.ResourceExhausted, "full", new Metadata { { "retry-after-ms", "1" } })
            : Task.FromResult(Answer("1", 7));

        (await client.PredictAsync<Row, float>("m", new Row(1), cancellationToken: Cancel)).ShouldBe(7);
        _server.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Server_ThatIsFullAndDoesNotSayWhen_IsNotAskedAgain()
    {
        using var client = Client();
        _server.Infer = (_, _) => throw Failure(StatusCode.ResourceExhausted, "full");

        var failure = await Should.ThrowAsync<InferenceException>(() => client.PredictAsync<Row, float>("m", new Row(1), cancellationToken: Cancel));

        (failure.Status, failure.Message, _server.Requests.Count).ShouldBe((StatusCode.ResourceExhausted, "full", 1));
    }

    [Fact]
    public async Task Request_LargerThanGrpcItselfWouldBuffer_IsTriedAgain()
    {
        using var client = Client();
        _server.Infer = (request, _) => _server.Requests.Count == 1 ? throw Failure(StatusCode.Unavailable, "busy") : Task.FromResult(Answer("1", new float[1_000_000]));
        Row[] rows = [.. Enumerable.Repeat(new Row(1), 1_000_000)];

        (await client.PredictAsync<Row, float>("m", rows, cancellationToken: Cancel)).Count.ShouldBe(1_000_000);
        _server.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(3601)]
    public async Task Deadline_OutOfRange_IsRefused(int seconds)
    {
        using var client = Client();
        var failure = await Should.ThrowAsync<InferenceException>(() => client.PredictAsync<Row, float>("m", new Row(1), deadline: TimeSpan.FromSeconds(seconds), cancellationToken: Cancel));
        failure.Message.ShouldBe($"deadline: above zero and up to 01:00:00 is accepted, got {TimeSpan.FromSeconds(seconds)}");
    }

    private static async Task<ModelInferResponse> NeverAsync(ModelInferRequest request, ServerCallContext context)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
        return new ModelInferResponse();
    }

    private InferenceClient Client(Action<InferenceClientOptions>? configure = null)
    {
        var options = new InferenceClientOptions { Addresses = { _server.Address } };
        configure?.Invoke(options);
        return new InferenceClient(options);
    }

    private sealed record Row(float Age);
}
