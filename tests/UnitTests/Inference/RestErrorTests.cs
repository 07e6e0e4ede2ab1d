using System.IO.Compression;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Mlops.Inference;
using Mlops.UnitTests.Datasets;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Every refusal of the REST front: its status, and a text that names the field, what was expected and what came.</summary>
public sealed class RestErrorTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    [Theory]
    [InlineData("/v2/models/nobody", "model_name: there is no model 'nobody'")]
    [InlineData("/v2/models/nobody/ready", "model_name: there is no model 'nobody'")]
    [InlineData("/v2/models/m/versions/2", "model_version: model 'm' has no version '2' loaded; loaded: 1")]
    [InlineData("/v2/models/m/versions/latest/ready", "model_version: model 'm' has no version 'latest' loaded; loaded: 1")]
    [InlineData("/v2/models/nobody/config", "model_name: there is no model 'nobody'")]
    [InlineData("/v2/models/m/versions/2/stats", "model_version: model 'm' has no version '2' loaded; loaded: 1")]
    [InlineData("/v2/models/m/load", "this server has no GET /v2/models/m/load")]
    [InlineData("/v2/models/m/infer", "this server has no GET /v2/models/m/infer")]
    [InlineData("/v2/models", "this server has no GET /v2/models")]
    public async Task Get_WhatIsNotThere_IsNotFound(string path, string error)
    {
        var reply = await server.It.GetAsync(path);
        (reply.Status, reply.ContentType, reply.Error).ShouldBe((HttpStatusCode.NotFound, "application/json", error));
    }

    [Theory]
    [InlineData("/v2/models/nobody/infer", "model_name: there is no model 'nobody'")]
    [InlineData("/v2/models/m/versions/2/infer", "model_version: model 'm' has no version '2' loaded; loaded: 1")]
    public async Task Infer_UnknownModelOrVersion_IsNotFound(string path, string error)
    {
        var reply = await server.It.PostAsync(path, Body("[1,2]"));
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.NotFound, error));
    }

    [Theory]
    [InlineData("", "body: not JSON: ")]
    [InlineData("{", "body: not JSON: ")]
    [InlineData("""{"inputs":[]} x""", "body: not JSON: 'x' is invalid after a single JSON value")]
    [InlineData("""{"inputs":[]}{}""", "body: not JSON: '{' is invalid after a single JSON value")]
    [InlineData("""{"inputs":[],}""", "body: not JSON: ")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,NaN]}]}""", "body: not JSON: ")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,02]}]}""", "body: not JSON: ")]
    [InlineData("[]", "body: expected an object, got an array")]
    [InlineData("null", "body: expected an object, got null")]
    [InlineData("{}", "inputs: missing; an array of tensors is accepted")]
    [InlineData("""{"inputs":null}""", "inputs: missing; an array of tensors is accepted")]
    [InlineData("""{"inputs":{}}""", "inputs: expected an array of tensors, got an object")]
    [InlineData("""{"inputs":[7]}""", "inputs[0]: expected an object, got 7")]
    [InlineData("""{"inputs":[],"inputs":[]}""", "inputs: expected once, got it again")]
    [InlineData("""{"inputs":[],"id":7}""", "id: expected a string, got 7")]
    [InlineData("""{"inputs":[],"id":"\ud800"}""", "id: half a surrogate pair; text is accepted")]
    [InlineData("""{"inputs":[],"\ud800":1}""", "body: half a surrogate pair; text is accepted")]
    [InlineData("""{"inputs":[{"\ud800":1}]}""", "inputs[0]: half a surrogate pair; text is accepted")]
    [InlineData("""{"inputs":[],"parameters":[]}""", "parameters: expected an object, got an array")]
    [InlineData("""{"inputs":[],"parameters":{"binary_data_output":"yes"}}""", "parameters.binary_data_output: expected true or false, got \"yes\"")]
    [InlineData("""{"inputs":[],"outputs":"y"}""", "outputs: expected an array of outputs, got \"y\"")]
    [InlineData("""{"inputs":[],"outputs":["y"]}""", "outputs[0]: expected an object, got \"y\"")]
    [InlineData("""{"inputs":[],"outputs":[{}]}""", "outputs[0].name: missing; an output's name is accepted")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"y","parameters":{"binary_data":1}}]}""", "outputs[0].parameters.binary_data: expected true or false, got 1")]
    [InlineData("""{"inputs":[{"shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", "inputs[0].name: missing; an input's name is accepted")]
    [InlineData("""{"inputs":[{"name":7}]}""", "inputs[0].name: expected a string, got 7")]
    [InlineData("""{"inputs":[{"name":"x","name":"x"}]}""", "inputs[0].name: expected once, got it again")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"data":[1,2]}]}""", "inputs.x.datatype: missing; accepted: BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES")]
    [InlineData("""{"inputs":[{"name":"x","datatype":32}]}""", "inputs.x.datatype: expected a string, got 32")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"float","data":[1,2]}]}""", "inputs.x.datatype: 'float' is not a datatype; accepted: BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32","data":[1,2]}]}""", "inputs.x.shape: missing; an array of dimensions is accepted")]
    [InlineData("""{"inputs":[{"name":"x","shape":2,"datatype":"FP32","data":[1,2]}]}""", "inputs.x.shape: expected an array of dimensions, got 2")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,-2],"datatype":"FP32","data":[1,2]}]}""", "inputs.x.shape: expected a whole number from 0 to 9223372036854775807, got -2")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1.0,2],"datatype":"FP32","data":[1,2]}]}""", "inputs.x.shape: expected a whole number from 0 to 9223372036854775807, got 1.0")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,9223372036854775808],"datatype":"FP32","data":[1,2]}]}""", "inputs.x.shape: expected a whole number from 0 to 9223372036854775807, got 9223372036854775808")]
    [InlineData("""{"inputs":[{"name":"x","shape":[9223372036854775807,9223372036854775807],"datatype":"FP32","data":[1,2]}]}""", "inputs.x.shape: expected a shape whose elements can be counted, got [9223372036854775807,9223372036854775807]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1000000000,1000000000],"datatype":"FP32","data":[1,2]}]}""", "inputs.x.data: expected 1000000000000000000 elements for shape [1000000000,1000000000], got 2")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32"}]}""", "inputs.x.data: missing; the elements, or the parameter binary_data_size, are accepted")]
    public Task Infer_NoRequestOfTheProtocol_IsRefused(string body, string error) => RefusesAsync("m", body, error);

    [Theory]
    [InlineData("7", "inputs.x.data: expected an array, got 7")]
    [InlineData("{}", "inputs.x.data: expected an array, got an object")]
    [InlineData("[1]", "inputs.x.data: expected 4 elements for shape [2,2], got 1")]
    [InlineData("[1,2,3,4,5]", "inputs.x.data: expected 4 elements for shape [2,2], got more")]
    [InlineData("[]", "inputs.x.data: expected 4 elements for shape [2,2], got 0")]
    [InlineData("[[1,2]]", "inputs.x.data: expected 2 arrays at depth 1 for shape [2,2], got 1")]
    [InlineData("[[1,2],[3,4],[5,6]]", "inputs.x.data: expected 2 arrays at depth 1 for shape [2,2], got more")]
    [InlineData("[[1,2],[3]]", "inputs.x.data: expected 2 elements at depth 2 for shape [2,2], got 1")]
    [InlineData("[[1,2,3],[4]]", "inputs.x.data: expected 2 elements at depth 2 for shape [2,2], got more")]
    [InlineData("[[1,2],3,4]", "inputs.x.data: expected an array at depth 2 as in shape [2,2], got 3")]
    [InlineData("[[1,[2]],[3,4]]", "inputs.x.data: expected a number from -3.4028235E+38 to 3.4028235E+38 or null as element 1, got an array")]
    [InlineData("[1,2,[3],4]", "inputs.x.data: expected a number from -3.4028235E+38 to 3.4028235E+38 or null as element 2, got an array")]
    [InlineData("[1,2,\"3\",4]", "inputs.x.data: expected a number from -3.4028235E+38 to 3.4028235E+38 or null as element 2, got \"3\"")]
    [InlineData("[1,true,3,4]", "inputs.x.data: expected a number from -3.4028235E+38 to 3.4028235E+38 or null as element 1, got true")]
    [InlineData("[1,2,3,{}]", "inputs.x.data: expected a number from -3.4028235E+38 to 3.4028235E+38 or null as element 3, got an object")]
    [InlineData("[1,2,3,3.5e38]", "inputs.x.data: expected a number from -3.4028235E+38 to 3.4028235E+38 or null as element 3, got 3.5e38")]
    public Task Data_NotOfTheShapeOrDatatype_IsRefused(string data, string error) =>
        RefusesAsync("m", $$"""{"inputs":[{"name":"x","shape":[2,2],"datatype":"FP32","data":{{data}}}]}""", error);

    [Theory]
    [InlineData("BOOL", "1", "true or false")]
    [InlineData("BOOL", "null", "true or false")]
    [InlineData("UINT8", "256", "a whole number from 0 to 255")]
    [InlineData("UINT8", "-1", "a whole number from 0 to 255")]
    [InlineData("UINT16", "65536", "a whole number from 0 to 65535")]
    [InlineData("UINT32", "4294967296", "a whole number from 0 to 4294967295")]
    [InlineData("UINT64", "18446744073709551616", "a whole number from 0 to 18446744073709551615")]
    [InlineData("INT8", "128", "a whole number from -128 to 127")]
    [InlineData("INT16", "-32769", "a whole number from -32768 to 32767")]
    [InlineData("INT32", "1.5", "a whole number from -2147483648 to 2147483647")]
    [InlineData("INT32", "1.0", "a whole number from -2147483648 to 2147483647")]
    [InlineData("INT64", "1e3", "a whole number from -9223372036854775808 to 9223372036854775807")]
    [InlineData("INT64", "9223372036854775808", "a whole number from -9223372036854775808 to 9223372036854775807")]
    [InlineData("INT64", "null", "a whole number from -9223372036854775808 to 9223372036854775807")]
    [InlineData("FP64", "1e309", "a number from -1.7976931348623157E+308 to 1.7976931348623157E+308 or null")]
    [InlineData("FP64", "\"NaN\"", "a number from -1.7976931348623157E+308 to 1.7976931348623157E+308 or null")]
    [InlineData("BYTES", "7", "a string")]
    [InlineData("BYTES", "null", "a string")]
    public Task Element_NotOfTheDatatype_IsNamed(string datatype, string element, string accepted)
    {
        var first = datatype switch { "BOOL" => "true", "BYTES" => "\"a\"", _ => "0" };
        return RefusesAsync(datatype, $$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{datatype}}","data":[{{first}},{{element}}]}]}""", $"inputs.x.data: expected {accepted} as element 1, got {element}");
    }

    [Fact]
    public Task Text_WithHalfASurrogatePair_IsRefused() =>
        RefusesAsync("BYTES", """{"inputs":[{"name":"x","shape":[1],"datatype":"BYTES","data":["a\udc00"]}]}""", "inputs.x.data: half a surrogate pair; text is accepted");

    [Fact]
    public async Task Body_NotUtf8_IsRefused()
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", [.. "{\"id\":\""u8, 0xFF, .. "\"}"u8]);
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.BadRequest, "body: the JSON is not UTF-8; UTF-8 is accepted"));
    }

    [Fact]
    public Task Data_NestedWithoutEnd_IsRefused() =>
        RefusesAsync("m", $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":{{new string('[', 100_000)}}""", "body: not JSON: The maximum configured depth of 64 has been exceeded.");

    [Theory]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1]}]}""", "inputs.x.data: expected 2 elements for shape [1,2], got 1")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,3],"datatype":"FP32","data":[1,2,3]}]}""", "inputs.x: expected shape [-1,2], got [1,3]")]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}""", "inputs.x: expected datatype FP32, got 'FP64'")]
    [InlineData("""{"inputs":[{"name":"z","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", "inputs.z: model 'm' has no such input; expected 'x'; inputs.x: expected FP32 of shape [-1,2], got no such input")]
    [InlineData("""{"outputs":[{"name":"z"}],"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", "outputs.z: model 'm' has no such output; expected 'y'")]
    public Task Infer_NotWhatTheModelTakes_IsRefused(string body, string error) => RefusesAsync("m", body, error);

    [Theory]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1,2")]
    [InlineData("0x10")]
    [InlineData("two")]
    [InlineData("")]
    [InlineData("94")]
    [InlineData("99999999999999999999")]
    public async Task JsonLength_NotWithinTheBody_IsRefused(string length)
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", [.. "{\"inputs\":[]}"u8, .. new byte[80]], length);
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.BadRequest, $"{RestCalls.LengthHeader}: '{length}' is not accepted; the length of the JSON at the body's beginning is, at most the body's 93 bytes"));
    }

    [Fact]
    public async Task JsonLength_WithinTheJson_IsRefused()
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", [.. "{\"inputs\":[]}"u8], "5");
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error!.ShouldStartWith("body: not JSON: ");
    }

    [Theory]
    [InlineData("""{"binary_data_size":8}""", 9, "body: 1 bytes are left behind the JSON; each has to belong to an input, by its parameter binary_data_size")]
    [InlineData("""{"binary_data_size":8}""", 7, "inputs.x.parameters.binary_data_size: 8 bytes are more than the 7 that are left behind the JSON, which ends where the header Inference-Header-Content-Length says")]
    [InlineData("""{"binary_data_size":9223372036854775807}""", 8, "inputs.x.parameters.binary_data_size: 9223372036854775807 bytes are more than the 8 that are left behind the JSON, which ends where the header Inference-Header-Content-Length says")]
    [InlineData("""{"binary_data_size":-8}""", 8, "inputs.x.parameters.binary_data_size: expected a whole number from 0 to 9223372036854775807, got -8")]
    [InlineData("""{"binary_data_size":"8"}""", 8, "inputs.x.parameters.binary_data_size: expected a whole number from 0 to 9223372036854775807, got \"8\"")]
    [InlineData("""{"binary_data_size":4}""", 4, "inputs.x: expected 8 bytes for FP32 of shape [1,2], got 4")]
    [InlineData("""{"binary_data_size":8,"binary_data_size":8}""", 8, "inputs.x.parameters.binary_data_size: expected once, got it again")]
    [InlineData("{}", 8, "inputs.x.data: missing; the elements, or the parameter binary_data_size, are accepted")]
    public async Task BinarySizes_NotOfTheBody_AreRefused(string parameters, int bytes, string error)
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{{parameters}}}]}""", new byte[bytes]);
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.BadRequest, error));
    }

    [Fact]
    public async Task BinarySizes_TogetherMoreThanTheBody_AreRefused()
    {
        var reply = await server.It.PostAsync("/v2/models/two/infer",
            """{"inputs":[{"name":"a","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}},{"name":"b","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8}}]}""", new byte[12]);
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error!.ShouldStartWith("inputs.b.parameters.binary_data_size: 8 bytes are more than the 4 that are left");
    }

    [Fact]
    public async Task Tensor_AsBytesAndInJson_IsRefused()
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", """{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"binary_data_size":8},"data":[1,2]}]}""", new byte[8]);
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.BadRequest, "inputs.x: expected data or the parameter binary_data_size, got both"));
    }

    [Theory]
    [InlineData("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","parameters":{"shared_memory_region":"r","shared_memory_byte_size":8}}]}""", "inputs.x.parameters: the extension of parameter 'shared_memory_region' is not claimed by this server")]
    [InlineData("""{"inputs":[],"outputs":[{"name":"y","parameters":{"classification":2}}]}""", "outputs[0].parameters: the extension of parameter 'classification' is not claimed by this server")]
    public async Task Extension_NotClaimed_IsNotImplemented(string body, string error)
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", body);
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.NotImplemented, error));
    }

    [Theory]
    [InlineData("zstd", "Content-Encoding: 'zstd' is not accepted; gzip, deflate, br, or none, is")]
    [InlineData("gzip", "body: it is not in the encoding that Content-Encoding says")]
    [InlineData("deflate", "body: it is not in the encoding that Content-Encoding says")]
    [InlineData("br", "body: it is not in the encoding that Content-Encoding says")]
    public async Task Body_InAnEncodingThatCannotBeUndone_IsRefused(string encoding, string error)
    {
        using var content = new StringContent(Body("[1,2]"));
        content.Headers.ContentEncoding.Add(encoding);
        var reply = await server.It.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v2/models/m/infer") { Content = content });
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.BadRequest, error));
    }

    [Fact]
    public async Task Body_ThatIsTooLargeOnceItIsDecompressed_IsTooLarge()
    {
        using var content = Gzip(new byte[65 << 20]);
        content.Headers.ContentLength!.Value.ShouldBeLessThan(1 << 20);
        (await server.It.SendAsync(new HttpRequestMessage(HttpMethod.Post, "/v2/models/m/infer") { Content = content })).Status.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Theory]
    [InlineData("""[]""", "body: an object such as {\"ready\": true} is accepted")]
    [InlineData("""{"ready":"yes"}""", "ready: true or false is accepted")]
    public async Task Index_OfWhatIsNoRequest_IsRefused(string body, string error)
    {
        var reply = await server.It.PostAsync("/v2/repository/index", body);
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.BadRequest, error));
    }

    private static ByteArrayContent Gzip(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(body);
        return new ByteArrayContent(compressed.ToArray()) { Headers = { ContentEncoding = { "gzip" } } };
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Body_OverTheLimit_IsTooLarge(bool lengthGiven)
    {
        await using var small = await InferenceServer.StartAsync(settings: ("MaxMessageBytes", "2000"));
        await small.ServeAsync("m", Models.Add(1));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/m/infer") { Content = new StringContent(Body("[1,2]").PadRight(2001)) };
        request.Headers.TransferEncodingChunked = !lengthGiven;

        var reply = await small.SendAsync(request);

        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.RequestEntityTooLarge, "body: more than 2000 bytes; at most 2000 are accepted"));
        (await small.PostAsync("/v2/models/m/infer", Body("[1,2]").PadRight(2000))).Data.ShouldBe("[2,3]");
    }

    [Fact]
    public async Task Body_OverTheDefaultLimitOfKestrel_IsAnswered() =>
        (await server.It.PostAsync("/v2/models/m/infer", Body("[1,2]").PadRight(40_000_000))).Data.ShouldBe("[2,3]");

    [Fact]
    public async Task Name_OfAnyLength_IsCutInTheAnswer()
    {
        var reply = await server.It.PostAsync("/v2/models/m/infer", $$"""{"inputs":[{"name":"{{string.Concat(Enumerable.Repeat("😀", 500_000))}}"}]}""");
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error!.Length.ShouldBeInRange(2000, 2001, "cut where no character is halved");
        reply.Error.ShouldEndWith("😀…");
    }

    [Fact]
    public async Task Infer_ServerShutsDown_IsUnavailable()
    {
        await using var closing = await InferenceServer.StartAsync();
        await closing.ServeAsync("m", Models.Add(1));
        closing.Host.Dispose();
        var reply = await closing.PostAsync("/v2/models/m/infer", Body("[1,2]"));
        (reply.Status, reply.Error).ShouldBe((HttpStatusCode.ServiceUnavailable, "the server is shutting down"));
    }

    [Fact]
    public async Task Infer_DefectOfOurs_TellsNothingOfItAndIsLogged()
    {
        var log = new ErrorLog();
        var defect = new BrokenOptions();
        await using var broken = await InferenceServer.StartAsync(services => services
            .AddSingleton<IOptions<InferenceOptions>>(defect)
            .AddLogging(logging => logging.AddProvider(log)));
        await broken.ServeAsync("m", Models.Add(1));
        defect.Breaks = true;

        var reply = await broken.PostAsync("/v2/models/m/infer", Body("[1,2]"));

        (reply.Status, reply.Text).ShouldBe((HttpStatusCode.InternalServerError, """{"error":"internal error"}"""));
        log.Errors.ShouldHaveSingleItem().ShouldContain("/secret/path");
    }

    [Fact]
    public async Task Infer_CallerHangsUp_IsNoErrorOfOurs()
    {
        var log = new ErrorLog();
        var last = new LastStatus();
        await using var abandoned = await InferenceServer.StartAsync(services => services
            .AddSingleton<IStartupFilter>(last)
            .AddLogging(logging => logging.AddProvider(log)));
        using (var caller = new System.Net.Sockets.TcpClient())
        {
            await caller.ConnectAsync(IPAddress.Loopback, abandoned.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
            await caller.GetStream().WriteAsync("POST /v2/models/m/infer HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{"u8.ToArray(), TestContext.Current.CancellationToken);
            await last.Begun.Task.WaitAsync(TestContext.Current.CancellationToken);
            // Without a lingering goodbye: the connection is reset.
            caller.LingerState = new System.Net.Sockets.LingerOption(true, 0);
        }

        (await last.Ended.Task.WaitAsync(TestContext.Current.CancellationToken)).ShouldBeInRange(400, 499);
        log.Errors.ShouldBeEmpty();
    }

    private static string Body(string data) => $$"""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":{{data}}}]}""";

    private async Task RefusesAsync(string model, string body, string error)
    {
        var reply = await server.It.PostAsync($"/v2/models/{model}/infer", body);
        (reply.Status, reply.ContentType).ShouldBe((HttpStatusCode.BadRequest, "application/json"), reply.Text);
        // What the reader of JSON says goes on with the line and the byte.
        (error.StartsWith("body: not JSON", StringComparison.Ordinal) ? reply.Error![..error.Length] : reply.Error).ShouldBe(error);
    }

    /// <summary>Sees a request begin and with which status it ends, whether or not anybody hears the answer.</summary>
    private sealed class LastStatus : IStartupFilter
    {
        public TaskCompletionSource Begun { get; } = new();

        public TaskCompletionSource<int> Ended { get; } = new();

        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, answer) =>
            {
                Begun.SetResult();
                await answer(context);
                Ended.SetResult(context.Response.StatusCode);
            });
            next(app);
        };
    }
}
