using Grpc.Core;
using Mlops.Client;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Client.Scripts;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Client;

/// <summary>A model that takes something else than it did when the client asked.</summary>
public sealed class SchemaChangeTests : IAsyncLifetime
{
    private static readonly ModelMetadataResponse One = Model("1", Tensor("age", "FP32", [-1, 1]));
    private static readonly ModelMetadataResponse Two = Model("2", Tensor("age", "FP32", [-1, 1]), Tensor("rooms", "INT64", [-1, 1]));

    private ScriptedServer _server = null!;
    private InferenceClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync();
        _server.Metadata = One;
        _server.Infer = (request, _) => request.Inputs.Count == _server.Metadata.Inputs.Count
            ? Task.FromResult(Answer(_server.Metadata.Versions[0], 7))
            : throw Failure(StatusCode.InvalidArgument, "inputs.rooms: expected INT64, got no such input");
        _client = new InferenceClient(new Uri(_server.Address));
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Inputs_OfANewVersion_AreMappedAnewAndAnswered()
    {
        await _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel);
        _server.Metadata = Model("2", Tensor("age", "FP64", [-1, 1]));
        _server.Infer = (request, _) => request.Inputs[0].Datatype == "FP64" ? Task.FromResult(Answer("2", 8)) : throw Failure(StatusCode.InvalidArgument, "inputs.age: expected datatype FP64, got 'FP32'");

        (await _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel)).ShouldBe(8);
        (await _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel)).ShouldBe(8);

        _server.MetadataRequests.ShouldBe(2);
        _server.Requests.Select(request => request.RawInputContents[0].ToByteArray()).ShouldBe([Bytes(1f), Bytes(1f), Bytes(1.0), Bytes(1.0)]);
    }

    [Fact]
    public async Task Type_ThatFitsTheNewVersionAlone_IsMappedOnceItIsThere()
    {
        await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync<House, float>("m", new House(1, 2), cancellationToken: Cancel));
        _server.Metadata = Two;

        (await _client.PredictAsync<House, float>("m", new House(1, 2), cancellationToken: Cancel)).ShouldBe(7);

        (_server.Requests.Count, _server.MetadataRequests).ShouldBe((1, 2));
    }

    [Fact]
    public async Task Inputs_OfRowsByColumn_AreMappedAnewAndAnswered()
    {
        _server.Infer = (request, _) => Task.FromResult(Answer("1", 7));
        await _client.PredictAsync("m", [new Dictionary<string, object?> { ["age"] = 1 }], cancellationToken: Cancel);
        var calls = 0;
        _server.Metadata = Model("2", Tensor("age", "FP64", [-1, 1]));
        _server.Infer = (request, _) => ++calls == 1 ? throw Failure(StatusCode.InvalidArgument, "expected FP64") : Task.FromResult(Answer("2", 8));

        var prediction = await _client.PredictAsync("m", [new Dictionary<string, object?> { ["age"] = 1 }], cancellationToken: Cancel);

        prediction.Rows[0].Values.ShouldBe([8]);
        _server.Requests.Last().RawInputContents[0].ToByteArray().ShouldBe(Bytes(1.0));
    }

    [Fact]
    public async Task Refusal_OfAModelThatIsTheSame_IsTheCallersToSee()
    {
        await _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel);
        _server.Infer = (_, _) => throw Failure(StatusCode.InvalidArgument, "inputs.age: expected an age");

        var failure = await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel));

        (failure.Status, failure.Message).ShouldBe((StatusCode.InvalidArgument, "inputs.age: expected an age"));
        (_server.Requests.Count, _server.MetadataRequests).ShouldBe((2, 2));
    }

    [Fact]
    public async Task Refusal_OfEveryVersion_IsTriedOnlyOnceMore()
    {
        await _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel);
        var other = Model("2", Tensor("age", "FP64", [-1, 1]));
        _server.Infer = (_, _) =>
        {
            _server.Metadata = _server.Metadata == One ? other : One;
            throw Failure(StatusCode.InvalidArgument, "never content");
        };

        var failure = await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel));

        (failure.Status, failure.Message).ShouldBe((StatusCode.InvalidArgument, "never content"));
        (_server.Requests.Count, _server.MetadataRequests).ShouldBe((3, 2));
    }

    [Fact]
    public async Task Inputs_ThatTheTypeNoLongerFits_AreAMappingMistake()
    {
        await _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel);
        _server.Metadata = Two;

        var failure = await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel));

        failure.Message.ShouldBe("rows of type 'Grown' do not fit model 'm': no property means input 'rooms' INT64 [-1,1]");
    }

    [Fact]
    public async Task Columns_InAnotherOrder_AreMappedAnewThoughTheServerCannotTell()
    {
        // Both versions take FP32 [-1,2]: no server refuses the old order.
        _server.Metadata = Model("1", Tensor("features", "FP32", [-1, 2], """["age","rooms"]"""));
        _server.Infer = (_, _) => Task.FromResult(Answer(_server.Metadata.Versions[0], 7));
        await _client.PredictAsync<House, float>("m", new House(30, 4), cancellationToken: Cancel);
        _server.Metadata = Model("2", Tensor("features", "FP32", [-1, 2], """["rooms","age"]"""));
        _server.Infer = (_, _) => Task.FromResult(Answer("2", 8));

        (await _client.PredictAsync<House, float>("m", new House(30, 4), cancellationToken: Cancel)).ShouldBe(8);

        _server.Requests.Select(request => request.RawInputContents[0].ToByteArray()).ShouldBe([Bytes(30f, 4), Bytes(30f, 4), Bytes(4f, 30)]);
    }

    [Fact]
    public async Task Columns_InTheSameOrder_AreSentOnce()
    {
        _server.Metadata = Model("1", Tensor("features", "FP32", [-1, 2], """["age","rooms"]"""));
        _server.Infer = (_, _) => Task.FromResult(Answer(_server.Metadata.Versions[0], 7));
        await _client.PredictAsync<House, float>("m", new House(30, 4), cancellationToken: Cancel);
        _server.Metadata = Model("2", Tensor("features", "FP32", [-1, 2], """["age","rooms"]"""));

        await _client.PredictAsync<House, float>("m", new House(30, 4), cancellationToken: Cancel);
        await _client.PredictAsync<House, float>("m", new House(30, 4), cancellationToken: Cancel);

        (_server.Requests.Count, _server.MetadataRequests).ShouldBe((3, 2));
    }

    [Fact]
    public async Task Columns_OfAVersionThatIsNotToldYet_AreNotBelieved()
    {
        _server.Metadata = Model("1", Tensor("features", "FP32", [-1, 2], """["age","rooms"]"""));
        _server.Infer = (_, _) => Task.FromResult(Answer("2", 7));

        var failure = await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync<House, float>("m", new House(30, 4), cancellationToken: Cancel));

        (failure.Status, _server.Requests.Count).ShouldBe((StatusCode.Unavailable, 2));
    }

    [Fact]
    public async Task Metadata_WantedByManyAtATime_IsAskedForOnce()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => _client.PredictAsync<Grown, float>("m", new Grown(1), cancellationToken: Cancel)));
        answers.ShouldAllBe(answer => answer == 7);
        _server.MetadataRequests.ShouldBe(1);
    }

    private sealed record Grown(float Age);

    private sealed record House(float Age, long Rooms);
}
