using Google.Protobuf;
using Mlops.Protos;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Inference;

/// <summary>Each datatype there and back through a model that gives what it takes; typed contents mean what raw ones mean.</summary>
public sealed class DatatypeTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    /// <summary>Two elements, at the ends of the datatype, raw and, where the protocol has it, typed.</summary>
    private static readonly Dictionary<string, (byte[] Raw, InferTensorContents? Typed)> Elements = new()
    {
        ["BOOL"] = ([1, 0], new() { BoolContents = { true, false } }),
        ["UINT8"] = ([255, 0], new() { UintContents = { 255, 0 } }),
        ["UINT16"] = ([0xFF, 0xFF, 1, 0], new() { UintContents = { 65535, 1 } }),
        ["UINT32"] = ([0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0], new() { UintContents = { uint.MaxValue, 1 } }),
        ["UINT64"] = ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0, 0, 0, 0], new() { Uint64Contents = { ulong.MaxValue, 1 } }),
        ["INT8"] = ([0x80, 0x7F], new() { IntContents = { -128, 127 } }),
        ["INT16"] = ([0x00, 0x80, 0xFF, 0x7F], new() { IntContents = { -32768, 32767 } }),
        ["INT32"] = ([0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0x7F], new() { IntContents = { int.MinValue, int.MaxValue } }),
        ["INT64"] = ([0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F], new() { Int64Contents = { long.MinValue, long.MaxValue } }),
        ["FP16"] = ([0x00, 0x3C, 0x00, 0xC0], null),
        ["BF16"] = ([0x80, 0x3F, 0x00, 0xC0], null),
        ["FP32"] = ([0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0], new() { Fp32Contents = { 1, -2 } }),
        ["FP64"] = ([0, 0, 0, 0, 0, 0, 0xF0, 0x3F, 0, 0, 0, 0, 0, 0, 0, 0xC0], new() { Fp64Contents = { 1, -2 } }),
        // The second one has a zero byte and is no UTF-8.
        ["BYTES"] = ([2, 0, 0, 0, 0xC3, 0xA4, 3, 0, 0, 0, 0xFF, 0x00, 0x41], new() { BytesContents = { ByteString.CopyFromUtf8("ä"), ByteString.CopyFrom(0xFF, 0x00, 0x41) } }),
    };

    public static TheoryData<string> Names => [.. Datatypes.All.Select(datatype => datatype.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Raw_ThereAndBack_IsTheSame(string datatype) => await AssertAnswersAsync(To(datatype, Raw("x", datatype, [2], Elements[datatype].Raw)), datatype);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Typed_ThereAndBack_IsTheRawForm(string datatype)
    {
        if (Elements[datatype].Typed is { } typed)
            await AssertAnswersAsync(To(datatype, Typed("x", datatype, [2], typed)), datatype);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Empty_ThereAndBack_IsEmpty(string datatype)
    {
        var response = await server.It.InferAsync(To(datatype, Raw("x", datatype, [0], [])));
        response.Outputs.ShouldHaveSingleItem().Shape.ShouldBe([0]);
        response.RawOutputContents.ShouldHaveSingleItem().IsEmpty.ShouldBeTrue();
    }

    [Fact]
    public async Task Scalar_ThereAndBack_KeepsItsRank()
    {
        await using var scalars = await InferenceServer.StartAsync();
        await scalars.ServeAsync("number", Models.Identity(Mlops.Onnx.Format.TensorProto.Types.DataType.Float));
        await scalars.ServeAsync("text", Models.Identity(Mlops.Onnx.Format.TensorProto.Types.DataType.String));

        var number = await scalars.InferAsync(To("number", Floats("x", [], 7)));
        var text = await scalars.InferAsync(To("text", Raw("x", "BYTES", [], [1, 0, 0, 0, 65])));

        number.Outputs[0].Shape.ShouldBeEmpty();
        Requests.Floats(number).ShouldBe([7]);
        text.Outputs[0].Shape.ShouldBeEmpty();
        text.RawOutputContents[0].ToByteArray().ShouldBe([1, 0, 0, 0, 65]);
    }

    [Fact]
    public async Task Dimensions_ThatVary_AreAnsweredAsSent()
    {
        await using var images = await InferenceServer.StartAsync();
        await images.ServeAsync("image", Models.NeedsNine());
        var response = await images.InferAsync(To("image", Floats("image", [1, 1, 3, 4], 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4)));
        response.Outputs[0].Shape.ShouldBe([1, 1, 1, 2]);
        Requests.Floats(response).ShouldBe([18, 27]);
    }

    private async Task AssertAnswersAsync(ModelInferRequest request, string datatype)
    {
        var response = await server.It.InferAsync(request);
        response.Outputs.ShouldHaveSingleItem().Datatype.ShouldBe(datatype);
        response.Outputs[0].Shape.ShouldBe([2]);
        response.RawOutputContents.ShouldHaveSingleItem().ToByteArray().ShouldBe(Elements[datatype].Raw);
    }
}
