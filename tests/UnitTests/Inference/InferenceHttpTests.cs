using System.IO.Compression;
using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Google.Protobuf;
using Mlops.Onnx;
using Mlops.Onnx.Format;
using Shouldly;
using Xunit;
using static Mlops.Onnx.Format.TensorProto.Types;

namespace Mlops.UnitTests.Inference;

/// <summary>The REST front's exchanges, written by hand from the published protocol and from what its clients send.</summary>
public sealed class InferenceHttpTests : IAsyncLifetime
{
    private InferenceServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await InferenceServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ServerLiveAndReady_Running_AreTrue()
    {
        var live = await _server.GetAsync("/v2/health/live");
        (live.Status, live.ContentType, live.Text).ShouldBe((HttpStatusCode.OK, "application/json", """{"live":true}"""));
        var ready = await _server.GetAsync("/v2/health/ready");
        (ready.Status, ready.Text).ShouldBe((HttpStatusCode.OK, """{"ready":true}"""));
    }

    [Fact]
    public async Task ServerMetadata_Running_ClaimsOnlyWhatExists()
    {
        var metadata = await _server.GetAsync("/v2");
        metadata.Status.ShouldBe(HttpStatusCode.OK);
        metadata.Json.GetProperty("name").GetString().ShouldBe("mlops");
        metadata.Json.GetProperty("version").GetString().ShouldNotBeNullOrEmpty();
        metadata.Json.GetProperty("extensions").GetRawText().ShouldBe("""["binary_tensor_data","model_configuration","statistics","model_repository"]""");
    }

    [Fact]
    public async Task Ready_LoadingThenLoaded_Is503Then200()
    {
        var bytes = Models.Add(1).ToByteArray();
        var arrival = new TaskCompletionSource<byte[]>();
        var load = InferenceServer.LoadAsync(_server.Host, InferenceServer.Version("m", bytes), _ => arrival.Task);

        foreach (var path in new[] { "/v2/models/m/ready", "/v2/models/m/versions/1/ready" })
        {
            var coming = await _server.GetAsync(path);
            (coming.Status, coming.Text).ShouldBe((HttpStatusCode.ServiceUnavailable, """{"name":"m","ready":false}"""));
        }

        var server = await _server.GetAsync("/v2/health/ready");
        (server.Status, server.Text).ShouldBe((HttpStatusCode.ServiceUnavailable, """{"ready":false}"""));
        (await _server.GetAsync("/v2/health/live")).Status.ShouldBe(HttpStatusCode.OK);
        var refusal = await _server.PostAsync("/v2/models/m/infer", """{"inputs":[]}""");
        (refusal.Status, refusal.Error).ShouldBe((HttpStatusCode.ServiceUnavailable, "model_version: version 1 of model 'm' is still loading"));
        arrival.SetResult(bytes);
        await load;
        foreach (var path in new[] { "/v2/models/m/ready", "/v2/models/m/versions/1/ready" })
        {
            var ready = await _server.GetAsync(path);
            (ready.Status, ready.Text).ShouldBe((HttpStatusCode.OK, """{"name":"m","ready":true}"""));
        }
    }

    /// <summary>perf_analyzer reads max_batch_size and looks for the members of scheduling; numbers are numbers.</summary>
    [Theory]
    [InlineData("/v2/models/columns/config")]
    [InlineData("/v2/models/columns/versions/7/config")]
    public async Task ModelConfig_Loaded_IsThatOfTheOtherFront(string path)
    {
        await _server.ServeAsync("columns", Models.Columns(), 7);
        var config = (await _server.GetAsync(path)).Json;
        config.GetProperty("name").GetString().ShouldBe("columns");
        config.GetProperty("max_batch_size").GetInt32().ShouldBeGreaterThan(0);
        config.GetProperty("input").GetRawText().ShouldBe(
            """[{"name":"age","data_type":"TYPE_FP32","dims":[1]},{"name":"city","data_type":"TYPE_STRING","dims":[1]},{"name":"rooms","data_type":"TYPE_INT64","dims":[1]}]""");
        config.GetProperty("instance_group")[0].GetProperty("kind").GetString().ShouldBe("KIND_CPU");
    }

    /// <summary>perf_analyzer reads every member, and divides each time by its own count.</summary>
    [Theory]
    [InlineData("/v2/models/m/stats")]
    [InlineData("/v2/models/m/versions/1/stats")]
    [InlineData("/v2/models/stats")]
    public async Task ModelStatistics_AfterRequests_CountsEachOfThemEverywhere(string path)
    {
        await _server.ServeAsync("m", Models.Add(1));
        for (var request = 0; request < 3; request++)
            (await _server.PostAsync("/v2/models/m/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""")).Status.ShouldBe(HttpStatusCode.OK);
        var model = (await _server.GetAsync(path)).Json.GetProperty("model_stats").EnumerateArray().ShouldHaveSingleItem();
        (model.GetProperty("name").GetString(), model.GetProperty("version").GetString(), model.GetProperty("execution_count").GetUInt64()).ShouldBe(("m", "1", 3ul));
        model.GetProperty("inference_stats").EnumerateObject().Select(member => (member.Name, member.Value.GetProperty("count").GetUInt64())).ShouldBe([
            ("success", 3ul), ("fail", 0ul), ("queue", 3ul), ("compute_input", 3ul), ("compute_infer", 3ul), ("compute_output", 3ul), ("cache_hit", 0ul), ("cache_miss", 0ul)]);
        model.GetProperty("inference_stats").GetProperty("success").GetProperty("ns").GetUInt64().ShouldBeGreaterThan(0ul);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("{}", 2)]
    [InlineData("""{"ready":true}""", 1)]
    public async Task RepositoryIndex_ReadyAndFailed_TellsStateAndReason(string body, int models)
    {
        await _server.ServeAsync("m", Models.Add(1));
        await Should.ThrowAsync<Mlops.Contracts.Fault>(() => InferenceServer.LoadAsync(_server.Host, InferenceServer.Version("broken", [1]), _ => Task.FromResult<byte[]>([1])));
        var index = (await _server.PostAsync("/v2/repository/index", body)).Json.EnumerateArray().ToDictionary(model => model.GetProperty("name").GetString()!);
        index.Count.ShouldBe(models);
        index["m"].GetRawText().ShouldBe("""{"name":"m","version":"1","state":"READY","reason":""}""");
        if (models > 1)
            (index["broken"].GetProperty("state").GetString(), index["broken"].GetProperty("reason").GetString()!.Length > 0).ShouldBe(("UNAVAILABLE", true));
    }

    public static TheoryData<string, Func<Stream, Stream>> Encodings() => new()
    {
        { "gzip", stream => new GZipStream(stream, CompressionLevel.Fastest) },
        { "deflate", stream => new ZLibStream(stream, CompressionLevel.Fastest) },
        { "br", stream => new BrotliStream(stream, CompressionLevel.Fastest) },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public async Task Infer_CompressedBody_IsAnsweredAsIfItWereNot(string encoding, Func<Stream, Stream> compress)
    {
        await _server.ServeAsync("m", Models.Add(1));
        var json = """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}],"outputs":[{"name":"y"}]}"""u8;
        using var compressed = new MemoryStream();
        using (var stream = compress(compressed))
            stream.Write([.. json, .. MemoryMarshal.AsBytes<float>([1, 2])]);
        using var content = new ByteArrayContent(compressed.ToArray()) { Headers = { ContentEncoding = { encoding } } };
        var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/m/infer") { Content = content };
        request.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");
        var reply = await _server.SendAsync(request);
        reply.Status.ShouldBe(HttpStatusCode.OK, reply.Text);
        reply.Json.GetProperty("outputs")[0].GetProperty("data").GetRawText().ShouldBe("[2,3]");
    }

    [Theory]
    [InlineData("/v2/models/columns")]
    [InlineData("/v2/models/columns/versions/7")]
    public async Task ModelMetadata_Loaded_TellsWhatTheGraphDeclares(string path)
    {
        await _server.ServeAsync("columns", Models.Columns(), 7);
        (await _server.GetAsync(path)).Text.ShouldBe(
            """{"name":"columns","versions":["7"],"platform":"onnxruntime_onnx","inputs":[""" +
            """{"name":"age","datatype":"FP32","shape":[-1,1]},{"name":"city","datatype":"BYTES","shape":[-1,1]},{"name":"rooms","datatype":"INT64","shape":[-1,1]}],""" +
            "\"outputs\":" + """[{"name":"value","datatype":"FP32","shape":[-1,1]}]}""");
    }

    [Fact]
    public async Task Infer_ThePublishedExample_IsAnsweredAsPublished()
    {
        await _server.ServeAsync("mymodel", PublishedExample());

        var reply = await _server.PostAsync("/v2/models/mymodel/infer",
            """
            {
              "id" : "42",
              "inputs" : [
                { "name" : "input0", "shape" : [ 2, 2 ], "datatype" : "UINT32", "data" : [ 1, 2, 3, 4 ] },
                { "name" : "input1", "shape" : [ 3 ], "datatype" : "BOOL", "data" : [ true, false, true ] }
              ],
              "outputs" : [ { "name" : "output0" } ]
            }
            """);

        (reply.Status, reply.ContentType, reply.JsonLength).ShouldBe((HttpStatusCode.OK, "application/json", null));
        var version = InferenceServer.Version("mymodel", PublishedExample().ToByteArray());
        JsonElement.DeepEquals(reply.Json, JsonElement.Parse(
            $$"""
            {
              "model_name" : "mymodel",
              "model_version" : "1",
              "id" : "42",
              "parameters" : { "artifact_digest" : "{{version.Digest}}", "model_version_id" : "{{version.ModelVersionId}}", "pipeline_run_id" : "{{version.PipelineRunId}}" },
              "outputs" : [ { "name" : "output0", "shape" : [ 3, 2 ], "datatype" : "FP32", "data" : [ 1.0, 1.1, 2.0, 2.1, 3.0, 3.1 ] } ]
            }
            """)).ShouldBeTrue(reply.Text);
    }

    [Fact]
    public async Task Infer_ThePublishedBinaryExample_IsAnsweredAsPublished()
    {
        await _server.ServeAsync("mymodel", PublishedExample());

        var reply = await _server.PostAsync("/v2/models/mymodel/infer",
            """
            {
              "model_name" : "mymodel",
              "inputs" : [
                { "name" : "input0", "shape" : [ 2, 2 ], "datatype" : "UINT32", "parameters" : { "binary_data_size" : 16 } },
                { "name" : "input1", "shape" : [ 3 ], "datatype" : "BOOL", "parameters" : { "binary_data_size" : 3 } }
              ],
              "outputs" : [ { "name" : "output0", "parameters" : { "binary_data" : true } } ]
            }
            """,
            [1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0, 1, 0, 1]);

        (reply.Status, reply.ContentType).ShouldBe((HttpStatusCode.OK, "application/octet-stream"));
        JsonElement.DeepEquals(reply.Json.GetProperty("outputs"), JsonElement.Parse(
            """[ { "name" : "output0", "shape" : [ 3, 2 ], "datatype" : "FP32", "parameters" : { "binary_data_size" : 24 } } ]""")).ShouldBeTrue(reply.Text);
        reply.Binary.ShouldBe(
        [
            0x00, 0x00, 0x80, 0x3F, 0xCD, 0xCC, 0x8C, 0x3F, 0x00, 0x00, 0x00, 0x40,
            0x66, 0x66, 0x06, 0x40, 0x00, 0x00, 0x40, 0x40, 0x66, 0x66, 0x46, 0x40,
        ]);
    }

    /// <summary>tritonclient.http: compact JSON, inputs as bytes, and without named outputs all of them as bytes.</summary>
    [Fact]
    public async Task Infer_AsTritonsClientSends_AnswersBytesInOrder()
    {
        await _server.ServeAsync("classifier", Models.Classifier());

        var reply = await _server.PostAsync("/v2/models/classifier/versions/1/infer",
            """{"id":"a","inputs":[{"name":"features","shape":[2,2],"datatype":"FP32","parameters":{"binary_data_size":16}}],"parameters":{"binary_data_output":true}}""",
            Requests.Bytes(1f, 2f, 6f, 7f));

        // As that client reads it: one output after the other, each as long as its binary_data_size says.
        var outputs = reply.Json.GetProperty("outputs");
        outputs[0].GetProperty("name").GetString().ShouldBe("label");
        var size = outputs[0].GetProperty("parameters").GetProperty("binary_data_size").GetInt32();
        reply.Binary[..size].ShouldBe([5, 0, 0, 0, .. "small"u8, 3, 0, 0, 0, .. "big"u8]);
        outputs[1].GetProperty("parameters").GetProperty("binary_data_size").GetInt32().ShouldBe(16);
        MemoryMarshal.Cast<byte, float>(reply.Binary.AsSpan(size)).ToArray().ShouldBe([0.5f, 1, 3, 3.5f]);
    }

    [Fact]
    public async Task Infer_OneOutputSaysOtherwise_OverridesTheRequest()
    {
        await _server.ServeAsync("two", Models.TwoInputs());

        var reply = await _server.PostAsync("/v2/models/two/infer",
            """
            {"parameters":{"binary_data_output":true},
             "outputs":[{"name":"twice","parameters":{"binary_data":false}},{"name":"sum"}],
             "inputs":[{"name":"b","shape":[1,2],"datatype":"FP32","data":[10,20]},{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}
            """,
            Requests.Bytes(1f, 2f));

        reply.Data.ShouldBe("[2,4]");
        reply.Json.GetProperty("outputs")[1].GetProperty("name").GetString().ShouldBe("sum");
        reply.Binary.ShouldBe(Requests.Bytes(11f, 22f));
    }

    /// <summary>KServe's client writes what is absent as null.</summary>
    [Fact]
    public async Task Infer_NullForWhatIsAbsent_IsAnswered()
    {
        await _server.ServeAsync("m", Models.Add(1));

        var reply = await _server.PostAsync("/v2/models/m/infer",
            """{"id":null,"parameters":null,"outputs":null,"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":null,"parameters":{"binary_data_size":8,"binary_data":null}}]}""",
            Requests.Bytes(1f, 2f));

        reply.Data.ShouldBe("[2,3]");
        reply.Json.TryGetProperty("id", out _).ShouldBeFalse();
        reply.JsonLength.ShouldBeNull();
    }

    [Theory]
    [InlineData("[1,2,3,4]")]
    [InlineData("[[1,2],[3,4]]")]
    [InlineData(" [ [ 1.0 , 2e0 ] , [ 30e-1 , 4 ] ] ")]
    public async Task Infer_FlatOrNested_IsTheSame(string data)
    {
        await _server.ServeAsync("m", Models.Add(1));
        (await _server.PostAsync("/v2/models/m/infer", $$"""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":{{data}}}]}""")).Data.ShouldBe("[2,3,4,5]");
    }

    [Fact]
    public async Task Infer_FieldsInAnyOrderAndOthersBesides_IsAnswered()
    {
        await _server.ServeAsync("m", Models.Add(1));
        (await _server.PostAsync("/v2/models/m/infer",
            """{"more":{"deep":[1,{}]},"inputs":[{"data":[1,2],"parameters":{"content_type":"np"},"datatype":"FP32","note":[[]],"shape":[1,2],"name":"x"}],"parameters":{"priority":1}}"""))
            .Data.ShouldBe("[2,3]");
    }

    [Fact]
    public async Task Infer_NoRows_AnswersEmptyOutputs()
    {
        await _server.ServeAsync("classifier", Models.Classifier());
        foreach (var reply in new[]
        {
            await _server.PostAsync("/v2/models/classifier/infer", """{"inputs":[{"name":"features","shape":[0,2],"datatype":"FP32","data":[]}]}"""),
            await _server.PostAsync("/v2/models/classifier/infer", """{"inputs":[{"name":"features","shape":[0,2],"datatype":"FP32","parameters":{"binary_data_size":0}}]}""", []),
        })
        {
            reply.Json.GetProperty("outputs").GetRawText().ShouldBe("""[{"name":"label","datatype":"BYTES","shape":[0],"data":[]},{"name":"probabilities","datatype":"FP32","shape":[0,2],"data":[]}]""");
        }
    }

    [Fact]
    public async Task Infer_MixedColumns_ReadsTextsAndNumbers()
    {
        await _server.ServeAsync("columns", Models.Columns(), 2);
        var reply = await _server.PostAsync("/v2/models/columns/infer",
            """{"inputs":[{"name":"age","shape":[2,1],"datatype":"FP32","data":[[40],[50]]},{"name":"city","shape":[2,1],"datatype":"BYTES","data":["Bonn","K\u00f6ln"]},{"name":"rooms","shape":[2,1],"datatype":"INT64","data":[2,3]}]}""");
        reply.Data.ShouldBe("[2140,3050]");
        // A version that no pipeline run made has no such parameter.
        reply.Json.GetProperty("parameters").EnumerateObject().Select(parameter => parameter.Name).ShouldBe(["artifact_digest", "model_version_id"]);
    }

    [Fact]
    public async Task Infer_OverHttp2_IsAnswered()
    {
        await _server.ServeAsync("m", Models.Add(1));
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_server.Address, "/v2/models/m/infer"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new StringContent("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}"""),
        };
        (await _server.SendAsync(request)).Data.ShouldBe("[2,3]");
    }

    /// <summary>The protocol's example speaks of a model that gives the same whatever it takes.</summary>
    private static ModelProto PublishedExample()
    {
        var graph = new GraphBuilder();
        graph.Input("input0", DataType.Uint32, 2, 2);
        graph.Input("input1", DataType.Bool, 3);
        graph.Output("output0", graph.Floats("answer", [1, 1.1f, 2, 2.1f, 3, 3.1f], 3, 2), DataType.Float, 3, 2);
        return graph.Build();
    }
}
