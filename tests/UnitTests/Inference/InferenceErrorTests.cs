using Google.Protobuf;
using Grpc.Core;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Inference;

/// <summary>Every refusal of the protocol: its status, and a text that names the tensor, what was expected and what came.</summary>
public sealed class InferenceErrorTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task Model_Unknown_IsNotFound() => RefusesAsync(StatusCode.NotFound, To("nobody"), "model_name: there is no model 'nobody'");

    [Theory]
    [InlineData("2")]
    [InlineData("01")]
    [InlineData("latest")]
    public Task Version_NotLoaded_IsNotFound(string version)
    {
        var request = To("m", Floats("x", [1, 2], 1, 2));
        request.ModelVersion = version;
        return RefusesAsync(StatusCode.NotFound, request, $"model_version: model 'm' has no version '{version}' loaded; loaded: 1");
    }

    [Fact]
    public async Task ReadyAndMetadata_UnknownModelOrVersion_AreNotFound()
    {
        foreach (var (name, version) in new[] { ("nobody", ""), ("m", "2") })
        {
            (await Should.ThrowAsync<RpcException>(async () => await server.It.Client.ModelReadyAsync(new ModelReadyRequest { Name = name, Version = version }, cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.NotFound);
            (await Should.ThrowAsync<RpcException>(async () => await server.It.Client.ModelMetadataAsync(new ModelMetadataRequest { Name = name, Version = version }, cancellationToken: Cancel))).StatusCode.ShouldBe(StatusCode.NotFound);
        }
    }

    [Fact]
    public Task Contents_RawAndTyped_AreNotTakenTogether()
    {
        var request = To("m", Floats("x", [1, 2], 1, 2));
        request.Inputs[0].Contents = new InferTensorContents { Fp32Contents = { 1, 2 } };
        return RefusesAsync(StatusCode.InvalidArgument, request, "inputs.x: expected raw_input_contents or contents, got both");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public Task RawContents_NotOnePerInput_AreRefused(int count)
    {
        var request = To("two", Floats("a", [1, 2], 1, 2), Floats("b", [1, 2], 1, 2));
        request.RawInputContents.Clear();
        request.RawInputContents.AddRange(Enumerable.Repeat(ByteString.CopyFrom(Bytes(1f, 2f)), count));
        return RefusesAsync(StatusCode.InvalidArgument, request, $"raw_input_contents: expected one entry for each of the 2 inputs, got {count}");
    }

    [Theory]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(0)]
    public Task RawContents_OfAnotherSizeThanTheShape_AreRefused(int bytes) =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Raw("x", "FP32", [2, 2], new byte[bytes])), $"inputs.x: expected 16 bytes for FP32 of shape [2,2], got {bytes}");

    [Fact]
    public Task TypedContents_OfAnotherNumberThanTheShape_AreRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Typed("x", "FP32", [1, 2], new InferTensorContents { Fp32Contents = { 1, 2, 3 } })), "inputs.x: expected 8 bytes for FP32 of shape [1,2], got 12");

    [Fact]
    public Task TypedContents_Missing_AreRefused()
    {
        var request = To("m", Floats("x", [1, 2], 1, 2));
        request.RawInputContents.Clear();
        return RefusesAsync(StatusCode.InvalidArgument, request, "inputs.x: expected 8 bytes for FP32 of shape [1,2], got 0");
    }

    [Fact]
    public Task TypedContents_InAnotherField_AreRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Typed("x", "FP32", [1, 2], new InferTensorContents { Fp64Contents = { 1, 2 } })), "inputs.x: expected the elements of FP32 in contents.fp32_contents, got 2 in contents.fp64_contents");

    [Theory]
    [InlineData("INT8", 128)]
    [InlineData("INT8", -129)]
    [InlineData("INT16", 32768)]
    public Task TypedContents_BeyondTheDatatype_AreRefused(string datatype, int value)
    {
        var range = datatype == "INT8" ? "-128 to 127" : "-32768 to 32767";
        return RefusesAsync(StatusCode.InvalidArgument, To(datatype, Typed("x", datatype, [2], new InferTensorContents { IntContents = { 1, value } })), $"inputs.x: expected {datatype} from {range}, got {value} as element 1");
    }

    [Theory]
    [InlineData("UINT8", 256, "0 to 255")]
    [InlineData("UINT16", 65536, "0 to 65535")]
    public Task TypedContents_BeyondAnUnsignedDatatype_AreRefused(string datatype, uint value, string range) =>
        RefusesAsync(StatusCode.InvalidArgument, To(datatype, Typed("x", datatype, [1], new InferTensorContents { UintContents = { value } })), $"inputs.x: expected {datatype} from {range}, got {value} as element 0");

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public Task TypedContents_OfHalfFloats_AreRefused(string datatype) =>
        RefusesAsync(StatusCode.InvalidArgument, To(datatype, Typed("x", datatype, [1], new InferTensorContents { Fp32Contents = { 1 } })), $"inputs.x: {datatype} travels in raw_input_contents, got contents");

    [Fact]
    public Task Datatype_NotOfTheProtocol_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Typed("x", "float32", [1, 2], new InferTensorContents { Fp32Contents = { 1, 2 } })),
            "inputs.x: 'float32' is not a datatype; accepted: BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, BF16, FP32, FP64, BYTES");

    [Theory]
    [InlineData("FP64")]
    [InlineData("INT32")]
    [InlineData("fp32")]
    [InlineData("")]
    public Task Datatype_NotTheModels_IsRefused(string datatype) =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Raw("x", datatype, [1, 2], new byte[16])), $"inputs.x: expected datatype FP32, got '{datatype}'");

    [Theory]
    [InlineData(new long[] { 1, 3 }, "[1,3]")]
    [InlineData(new long[] { 2 }, "[2]")]
    [InlineData(new long[] { 1, 2, 1 }, "[1,2,1]")]
    [InlineData(new long[] { -1, 2 }, "[-1,2]")]
    [InlineData(new long[] { }, "[]")]
    public Task Shape_NotTheModels_IsRefused(long[] shape, string text) =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Raw("x", "FP32", shape, new byte[8])), $"inputs.x: expected shape [-1,2], got {text}");

    [Fact]
    public Task Shape_OfMoreElementsThanCanBeCounted_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("sum", Raw("x", "FP32", [1L << 40, 1L << 40], new byte[8])), "inputs.x: expected a shape whose elements can be counted, got [1099511627776,1099511627776]");

    [Fact]
    public Task Shape_OfMoreBytesThanCanBeCounted_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("sum", Raw("x", "FP32", [4, 1L << 60], new byte[16])), "inputs.x: expected 18446744073709551616 bytes for FP32 of shape [4,1152921504606846976], got 16");

    [Fact]
    public Task Shape_EmptyButHugeOtherwise_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("image", Raw("image", "FP32", [3, 1, 1L << 40, 0], [])), "inputs.image: expected the dimensions of an empty tensor to be small, got [3,1,1099511627776,0]");

    [Fact]
    public Task Batch_OverTheMaximum_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Raw("x", "FP32", [1001, 2], new byte[8 * 1001])), "inputs.x: expected at most 1000 rows, got 1001");

    [Fact]
    public Task Input_Unknown_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Floats("x", [1, 2], 1, 2), Floats("z", [1, 2], 1, 2)), "inputs.z: model 'm' has no such input; expected 'x'");

    [Fact]
    public Task Input_Missing_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("two", Floats("b", [1, 2], 1, 2)), "inputs.a: expected FP32 of shape [-1,2], got no such input");

    [Fact]
    public Task Input_Twice_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("m", Floats("x", [1, 2], 1, 2), Floats("x", [1, 2], 1, 2)), "inputs.x: expected once, got it again");

    [Fact]
    public Task Inputs_SeveralMistakes_AreToldAtOnce() =>
        RefusesAsync(StatusCode.InvalidArgument, To("two", Raw("a", "INT8", [1, 2], [1, 2]), Floats("c", [1, 2], 1, 2)),
            "inputs.c: model 'two' has no such input; expected 'a', 'b'; inputs.b: expected FP32 of shape [-1,2], got no such input; inputs.a: expected datatype FP32, got 'INT8'");

    [Fact]
    public Task Inputs_WithDifferentRows_AreRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("two", Floats("a", [1, 2], 1, 2), Floats("b", [2, 2], 1, 2, 3, 4)), "inputs.b: expected dimension 0 ('batch') to be 1 as in 'a', got 2");

    [Fact]
    public Task Output_Unknown_IsRefused()
    {
        var request = To("two", Floats("a", [1, 2], 1, 2), Floats("b", [1, 2], 1, 2));
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "difference" });
        return RefusesAsync(StatusCode.InvalidArgument, request, "outputs.difference: model 'two' has no such output; expected 'sum', 'twice'");
    }

    [Fact]
    public Task Output_Twice_IsRefused()
    {
        var request = To("m", Floats("x", [1, 2], 1, 2));
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y" });
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y" });
        return RefusesAsync(StatusCode.InvalidArgument, request, "outputs.y: expected once, got it again");
    }

    [Fact]
    public Task Bytes_CutShort_AreRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("BYTES", Raw("x", "BYTES", [1], [9, 0, 0, 0, 65])), "inputs.x: BYTES of shape [1]: element 0 says it has 9 bytes, and 1 are left");

    [Fact]
    public Task Bytes_FewerThanTheShape_AreRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("BYTES", Typed("x", "BYTES", [3], new InferTensorContents { BytesContents = { ByteString.CopyFromUtf8("a") } })), "inputs.x: BYTES of shape [3]: expected 3 elements, got 1");

    [Fact]
    public Task Bool_NeitherZeroNorOne_IsRefused() =>
        RefusesAsync(StatusCode.InvalidArgument, To("BOOL", Raw("x", "BOOL", [3], [0, 1, 7])), "inputs.x: expected each BOOL to be 0 or 1, got 7 as element 2");

    [Fact]
    public async Task Value_ThatAnOperatorCannotTake_IsRefusedAndTheModelServesOn()
    {
        await RefusesAsync(StatusCode.InvalidArgument, To("lookup", Raw("index", "INT64", [1], Bytes(7L))), "inputs: model 'lookup' cannot run these inputs: an operator in it takes no such shapes or values");
        Requests.Floats(await server.It.InferAsync(To("lookup", Raw("index", "INT64", [2], Bytes(2L, 0L))))).ShouldBe([30, 10]);
    }

    [Fact]
    public Task SharedMemory_Asked_IsUnimplemented()
    {
        var request = To("m", Floats("x", [1, 2], 1, 2));
        request.Inputs[0].Parameters.Add("shared_memory_region", new InferParameter { StringParam = "region" });
        return RefusesAsync(StatusCode.Unimplemented, request, "inputs.x: the extension of parameter 'shared_memory_region' is not claimed by this server");
    }

    [Fact]
    public async Task Inputs_ThousandsThatThereAreNot_AreToldUpToTwenty()
    {
        var request = To("m", Floats("x", [1, 2], 1, 2));
        for (var index = 0; index < 3000; index++)
        {
            request.Inputs.Add(new ModelInferRequest.Types.InferInputTensor { Name = $"u{index}", Datatype = "FP32" });
            request.RawInputContents.Add(ByteString.Empty);
        }

        (await server.It.RefusalAsync(request)).Detail.Split("no such input").Length.ShouldBe(21);
    }

    [Fact]
    public async Task Name_OfAnyLength_IsCutInTheAnswer()
    {
        var refusal = await server.It.RefusalAsync(To(new string('n', 1_000_000)));
        refusal.StatusCode.ShouldBe(StatusCode.NotFound);
        refusal.Detail.Length.ShouldBe(2001);
    }

    private async Task RefusesAsync(StatusCode status, ModelInferRequest request, string text)
    {
        var refusal = await server.It.RefusalAsync(request);
        refusal.Detail.ShouldBe(text);
        refusal.StatusCode.ShouldBe(status);
    }

    public sealed class Server : IAsyncLifetime
    {
        public InferenceServer It { get; private set; } = null!;

        public async ValueTask InitializeAsync()
        {
            It = await InferenceServer.StartAsync(settings: ("MaxBatchSize", "1000"));
            await It.ServeAsync("m", Models.Add(1));
            await It.ServeAsync("two", Models.TwoInputs());
            await It.ServeAsync("sum", Models.Sum());
            await It.ServeAsync("lookup", Models.Lookup());
            await It.ServeAsync("image", Models.NeedsNine());
            foreach (var (name, type) in Datatypes.All)
                await It.ServeAsync(name, Models.Identity(type, -1));
        }

        public ValueTask DisposeAsync() => It.DisposeAsync();
    }
}
