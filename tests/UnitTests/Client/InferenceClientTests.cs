using Google.Protobuf;
using Grpc.Core;
using Mlops.Client;
using Mlops.Contracts.Rollouts;
using Mlops.Inference;
using Mlops.Inference.Rollouts;
using Mlops.UnitTests.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class InferenceClientTests : IAsyncLifetime
{
    private InferenceServer _server = null!;
    private InferenceClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await InferenceServer.StartAsync();
        _client = new InferenceClient(_server.Address);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task Predict_RowsInOrder_AnswersWithTheModelsOrigin()
    {
        await _server.ServeAsync("classifier", Models.Classifier(), 5);

        var prediction = await _client.PredictAsync("classifier", [[1, 2], [6, 7]], cancellationToken: Cancel);

        prediction.Rows.Select(row => row.Label).ShouldBe(["small", "big"]);
        prediction.Rows[0].Probabilities.ShouldBe([0.5f, 1]);
        prediction.Rows[1].Probabilities.ShouldBe([3, 3.5f]);
        prediction.Rows[1].Values.ShouldBeEmpty();
        var version = InferenceServer.Version("classifier", Models.Classifier().ToByteArray(), 5);
        (prediction.ModelName, prediction.ModelVersion).ShouldBe(("classifier", "5"));
        (prediction.ArtifactDigest, prediction.ModelVersionId, prediction.PipelineRunId).ShouldBe((version.Digest, version.ModelVersionId, version.PipelineRunId));
    }

    [Fact]
    public async Task Predict_RowsByColumn_SendsEachToItsInput()
    {
        await _server.ServeAsync("columns", Models.Columns(), 2);
        Dictionary<string, object?>[] rows =
        [
            new() { ["rooms"] = 3, ["city"] = "Bonn", ["age"] = 41.5 },
            new() { ["rooms"] = 2L, ["city"] = "Köln", ["age"] = 7 },
            new() { ["rooms"] = 1.0, ["city"] = null },
        ];

        var prediction = await _client.PredictAsync("columns", rows, "2", cancellationToken: Cancel);

        prediction.Rows.Select(row => row.Values.ShouldHaveSingleItem()).ShouldBe([3141.5f, 2007, float.NaN]);
        prediction.Rows[0].Label.ShouldBeNull();
        prediction.PipelineRunId.ShouldBeNull();
    }

    [Fact]
    public async Task Predict_NoRows_AnswersNone()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        (await _client.PredictAsync("classifier", Array.Empty<float[]>(), cancellationToken: Cancel)).Rows.ShouldBeEmpty();
    }

    [Fact]
    public async Task Predict_RowsOfAType_AnswersWithResultsOfAType()
    {
        await _server.ServeAsync("columns", Models.Columns(), 2);
        House[] rows = [new(41.5, "Bonn", 3), new(7, "Köln", 2), new(null, null, 1)];

        (await _client.PredictAsync<House, float>("columns", rows, cancellationToken: Cancel)).ShouldBe([3141.5f, 2007, float.NaN]);
        (await _client.PredictAsync<House, float>("columns", rows[0], "2", cancellationToken: Cancel)).ShouldBe(3141.5f);
    }

    [Fact]
    public async Task Predict_ResultWithItsOrigin_LeadsBackToTheData()
    {
        await _server.ServeAsync("classifier", Models.Classifier(), 5);

        var answer = await _client.PredictAsync<Pair, Answered>("classifier", new Pair(6, 7), cancellationToken: Cancel);

        var version = InferenceServer.Version("classifier", Models.Classifier().ToByteArray(), 5);
        (answer.Label, answer.ModelVersion, answer.ArtifactDigest).ShouldBe((Size.Big, "5", version.Digest));
        (answer.ModelVersionId, answer.PipelineRunId).ShouldBe((version.ModelVersionId, version.PipelineRunId));
        answer.Probabilities.ShouldBe([3, 3.5f]);
    }

    [Fact]
    public async Task Predict_NumbersAsAType_AnswersWithResultsOfAType()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        (await _client.PredictAsync<float[], string>("classifier", [[1, 2], [6, 7]], cancellationToken: Cancel)).ShouldBe(["small", "big"]);
    }

    [Fact]
    public async Task Predict_NoRowsOfAType_AnswersNone()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        (await _client.PredictAsync<Pair, Answered>("classifier", [], cancellationToken: Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Predict_TypeThatDoesNotFit_IsRefusedBeforeAnythingIsSent()
    {
        await _server.ServeAsync("columns", Models.Columns());
        await RefusesAsync(() => _client.PredictAsync<Pair, float>("columns", new Pair(1, 2), cancellationToken: Cancel),
            "rows of type 'Pair' do not fit model 'columns': property 'A' means no input; accepted: age, city, rooms, or [JsonIgnore] on the property; "
            + "property 'B' means no input; accepted: age, city, rooms, or [JsonIgnore] on the property; "
            + "no property means input 'age' FP32 [-1,1]; no property means input 'city' BYTES [-1,1]; no property means input 'rooms' INT64 [-1,1]");
    }

    /// <summary>Two versions answer by turns, and the client believes both: the server has told that they take the same.</summary>
    [Fact]
    public async Task Predict_WhileAVersionIsTried_KeepsEachCallerWithOne()
    {
        var bytes = Models.NamedColumns().ToByteArray();
        ServedVersion Version(int number) => InferenceServer.Version("tried", bytes, number);
        var order = new ModelOrder { Champion = Version(1), Rollout = new RolloutRule(new Guid("01990000-0000-7000-8000-000000000001"), Version(2), RolloutMode.Canary, 0.5) };
        await _server.Host.ServeAsync(order, (_, _) => Task.FromResult(bytes), Cancel);

        var versions = new HashSet<string>();
        foreach (var user in Enumerable.Range(0, 20))
        {
            var answers = new HashSet<string>();
            for (var asked = 0; asked < 3; asked++)
                answers.Add((await _client.PredictAsync<Sized, Tried>("tried", new Sized(2, 3), routingKey: $"user-{user}", cancellationToken: Cancel)).ModelVersion);
            versions.Add(answers.ShouldHaveSingleItem());
        }

        versions.Order().ShouldBe(["1", "2"]);
    }

    [Fact]
    public async Task Metadata_Known_IsTheModels()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        var metadata = await _client.GetMetadataAsync("classifier", cancellationToken: Cancel);
        metadata.Versions.ShouldBe(["1"]);
        metadata.Inputs.ShouldHaveSingleItem().ToString().ShouldBe("FP32 [-1,2]");
        metadata.Outputs.Select(output => output.Name).ShouldBe(["label", "probabilities"]);
    }

    [Fact]
    public async Task Predict_UnknownModel_SaysWhatTheServerSays()
    {
        var failure = await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync("nobody", [[1f]], cancellationToken: Cancel));
        failure.Status.ShouldBe(StatusCode.NotFound);
        failure.Message.ShouldBe("model_name: there is no model 'nobody'");
        failure.InnerException.ShouldBeOfType<RpcException>();
    }

    [Fact]
    public async Task Predict_NoServer_IsUnavailable()
    {
        await _server.DisposeAsync();
        var failure = await Should.ThrowAsync<InferenceException>(() => _client.PredictAsync("m", [[1f]], cancellationToken: Cancel));
        failure.Status.ShouldBe(StatusCode.Unavailable);
    }

    [Fact]
    public async Task Predict_CallersCancellation_IsACancellation() =>
        await Should.ThrowAsync<OperationCanceledException>(() => _client.PredictAsync("m", [[1f]], cancellationToken: new CancellationToken(canceled: true)));

    [Fact]
    public async Task Predict_RowsOfDifferentLength_AreRefused()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        await RefusesAsync(() => _client.PredictAsync("classifier", [[1, 2], [1]], cancellationToken: Cancel), "row 2: expected 2 values, got 1");
    }

    [Fact]
    public async Task Predict_NumbersForAModelOfColumns_AreRefused()
    {
        await _server.ServeAsync("columns", Models.Columns());
        await RefusesAsync(() => _client.PredictAsync("columns", [[1, 2]], cancellationToken: Cancel),
            "model 'columns' takes 'age' FP32 [-1,1], 'city' BYTES [-1,1], 'rooms' INT64 [-1,1], not one FP32 input of rows; send the values by their columns' names");
    }

    [Fact]
    public async Task Predict_ColumnsForAModelOfNumbers_AreRefused()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        await RefusesAsync(() => _client.PredictAsync("classifier", [new Dictionary<string, object?>()], cancellationToken: Cancel),
            "model 'classifier' takes 'features' FP32 [-1,2], not an input per column; send the values in the model's order");
    }

    [Theory]
    [InlineData("age", "old", "row 1, column 'age': expected a number, got 'old'")]
    [InlineData("rooms", null, "row 1, column 'rooms': expected a whole number from -9223372036854775808 to 9223372036854775807, got nothing")]
    [InlineData("rooms", 2.5, "row 1, column 'rooms': expected a whole number from -9223372036854775808 to 9223372036854775807, got '2.5'")]
    [InlineData("ages", 1, "row 1: model 'columns' takes no column 'ages'; accepted: age, city, rooms")]
    public async Task Predict_ValueThatDoesNotFit_IsRefused(string column, object? value, string message)
    {
        await _server.ServeAsync("columns", Models.Columns());
        Dictionary<string, object?>[] rows = [new() { ["rooms"] = 1, [column] = value }];
        await RefusesAsync(() => _client.PredictAsync("columns", rows, cancellationToken: Cancel), message);
    }

    private static async Task RefusesAsync(Func<Task> predict, string message)
    {
        var failure = await Should.ThrowAsync<InferenceException>(predict);
        failure.Message.ShouldBe(message);
        failure.Status.ShouldBe(StatusCode.InvalidArgument);
    }

    private enum Size
    {
        Small,
        Big,
    }

    private sealed record Sized(float Width, float Height);

    private sealed record Tried(float[] Value, string ModelVersion);

    private sealed record House(double? Age, string? City, int Rooms);

    private sealed record Pair(float A, float B);

    private sealed record Answered(Size Label, float[] Probabilities, string ModelVersion, string ArtifactDigest, Guid? ModelVersionId, Guid? PipelineRunId);
}
