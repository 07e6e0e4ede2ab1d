using System.Net;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Inference.Requests;

namespace Mlops.UnitTests.Inference;

/// <summary>Each datatype there and back through a model that gives what it takes: JSON, bytes and gRPC mean the same bits.</summary>
public sealed class RestDatatypeTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    /// <summary>Two elements, at the ends of the datatype or hard to write, as JSON (where it has them) and raw.</summary>
    private static readonly Dictionary<string, (string? Json, byte[] Raw)> Elements = new()
    {
        ["BOOL"] = ("[true,false]", [1, 0]),
        ["UINT8"] = ("[255,0]", [0xFF, 0]),
        ["UINT16"] = ("[65535,1]", [0xFF, 0xFF, 1, 0]),
        ["UINT32"] = ("[4294967295,1]", [0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0]),
        ["UINT64"] = ("[18446744073709551615,9007199254740993]", [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 0, 0, 0x20, 0]),
        ["INT8"] = ("[-128,127]", [0x80, 0x7F]),
        ["INT16"] = ("[-32768,32767]", [0x00, 0x80, 0xFF, 0x7F]),
        ["INT32"] = ("[-2147483648,2147483647]", [0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0x7F]),
        ["INT64"] = ("[-9223372036854775808,9223372036854775807]", [0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]),
        ["FP16"] = (null, [0x00, 0x3C, 0x00, 0xC0]),
        ["BF16"] = (null, [0x80, 0x3F, 0x00, 0xC0]),
        // 0.1 and the smallest number above zero.
        ["FP32"] = ("[0.1,1E-45]", [0xCD, 0xCC, 0xCC, 0x3D, 1, 0, 0, 0]),
        // Minus zero and the largest number.
        ["FP64"] = ("[-0,1.7976931348623157E+308]", [0, 0, 0, 0, 0, 0, 0, 0x80, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xEF, 0x7F]),
        // An umlaut, a quote and a backslash; a zero byte and a character beyond 16 bits.
        ["BYTES"] = ("""["ä\"\\","\u0000\uD83D\uDE00"]""", [4, 0, 0, 0, 0xC3, 0xA4, 0x22, 0x5C, 5, 0, 0, 0, 0x00, 0xF0, 0x9F, 0x98, 0x80]),
    };

    public static TheoryData<string> Names => [.. Datatypes.All.Select(datatype => datatype.Name)];

    public static TheoryData<string> NamesInJson => [.. Datatypes.All.Select(datatype => datatype.Name).Where(name => Elements[name].Json is not null)];

    [Theory]
    [MemberData(nameof(NamesInJson))]
    public async Task Json_ThereAndBack_IsTheSame(string datatype) =>
        (await PostJsonAsync(datatype, Elements[datatype].Json!)).Data.ShouldBe(Elements[datatype].Json);

    [Theory]
    [MemberData(nameof(NamesInJson))]
    public async Task Json_AnsweredInBytes_IsTheRawForm(string datatype) =>
        (await PostJsonAsync(datatype, Elements[datatype].Json!, binary: true)).Binary.ShouldBe(Elements[datatype].Raw);

    [Theory]
    [MemberData(nameof(NamesInJson))]
    public async Task Bytes_AnsweredInJson_AreTheSameElements(string datatype) =>
        (await PostBytesAsync(datatype, Elements[datatype].Raw, binary: false)).Data.ShouldBe(Elements[datatype].Json);

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Bytes_ThereAndBack_AreTheSameAsOverGrpc(string datatype)
    {
        var raw = Elements[datatype].Raw;
        (await PostBytesAsync(datatype, raw, binary: true)).Binary.ShouldBe(raw);
        (await server.It.InferAsync(To(datatype, Raw("x", datatype, [2], raw)))).RawOutputContents.ShouldHaveSingleItem().ToByteArray().ShouldBe(raw);
    }

    [Theory]
    [InlineData("FP16")]
    [InlineData("BF16")]
    public async Task HalfFloats_InJson_AreRefusedBothWays(string datatype)
    {
        var sent = await PostJsonAsync(datatype, "[1,-2]");
        (sent.Status, sent.Error).ShouldBe((HttpStatusCode.BadRequest, $"inputs.x.data: JSON has no {datatype}; it travels as bytes behind the JSON, by the parameter binary_data_size"));
        var asked = await PostBytesAsync(datatype, Elements[datatype].Raw, binary: false);
        (asked.Status, asked.Error).ShouldBe((HttpStatusCode.BadRequest, $"outputs.y: JSON has no {datatype}; ask for it as bytes, by the output's parameter binary_data or the request's binary_data_output"));
    }

    [Theory]
    [InlineData("FP32", new byte[] { 0, 0, 0xC0, 0x7F, 0, 0, 0x80, 0x3F })]
    [InlineData("FP64", new byte[] { 0, 0, 0, 0, 0, 0, 0xF8, 0x7F, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F })]
    public async Task NaN_IsNullInJson(string datatype, byte[] raw)
    {
        (await PostBytesAsync(datatype, raw, binary: false)).Data.ShouldBe("[null,1]");
        (await PostJsonAsync(datatype, "[null,1]")).Data.ShouldBe("[null,1]");
    }

    [Theory]
    [InlineData("FP32", new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0xFF }, "minus infinite")]
    [InlineData("FP64", new byte[] { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x7F }, "infinite")]
    public async Task Infinity_AnsweredInJson_IsRefused(string datatype, byte[] raw, string what)
    {
        var reply = await PostBytesAsync(datatype, raw, binary: false);
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error.ShouldBe($"outputs.y: element 1 is {what}, for which JSON has no number; ask for it as bytes, by the output's parameter binary_data or the request's binary_data_output");
        (await PostBytesAsync(datatype, raw, binary: true)).Binary.ShouldBe(raw);
    }

    [Fact]
    public async Task Text_NotUtf8AnsweredInJson_IsRefused()
    {
        byte[] raw = [1, 0, 0, 0, 0x41, 2, 0, 0, 0, 0xC3, 0x28];
        var reply = await PostBytesAsync("BYTES", raw, binary: false);
        reply.Status.ShouldBe(HttpStatusCode.BadRequest);
        reply.Error.ShouldBe("outputs.y: element 1 is not UTF-8, which JSON's strings are; ask for it as bytes, by the output's parameter binary_data or the request's binary_data_output");
        (await PostBytesAsync("BYTES", raw, binary: true)).Binary.ShouldBe(raw);
    }

    [Fact]
    public async Task Text_EscapedEveryWay_IsRead() =>
        (await PostJsonAsync("BYTES", """["\"\\\/\b\f\n\r\t","\u00e4😀\ud83d\ude00"]""", binary: true)).Binary
            .ShouldBe([8, 0, 0, 0, 0x22, 0x5C, 0x2F, 8, 12, 10, 13, 9, 10, 0, 0, 0, 0xC3, 0xA4, 0xF0, 0x9F, 0x98, 0x80, 0xF0, 0x9F, 0x98, 0x80]);

    private Task<RestReply> PostJsonAsync(string datatype, string data, bool binary = false) => server.It.PostAsync($"/v2/models/{datatype}/infer",
        $$$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{{datatype}}}","data":{{{data}}}}],"parameters":{"binary_data_output":{{{(binary ? "true" : "false")}}}}}""");

    private Task<RestReply> PostBytesAsync(string datatype, byte[] raw, bool binary) => server.It.PostAsync($"/v2/models/{datatype}/infer",
        $$$"""{"inputs":[{"name":"x","shape":[2],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{raw.Length}}}}}],"parameters":{"binary_data_output":{{{(binary ? "true" : "false")}}}}}""", raw);
}
