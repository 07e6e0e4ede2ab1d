using System.Globalization;
using System.Numerics;
using System.Text.Json;
using CsCheck;
using Mlops.Inference.Rest;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>Numbers keep their bits between JSON and the raw form.</summary>
public sealed class RestNumberTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    /// <summary>Halfway between 1 and the next FP32 number, just below and just above it: to the even one, down, up.</summary>
    [Theory]
    [InlineData("1.000000059604644775390625", 0x3F800000)]
    [InlineData("1.000000059604644775390624", 0x3F800000)]
    [InlineData("1.000000059604644775390626", 0x3F800001)]
    [InlineData("1.00000005960464477539062500000000000000000000000000000000000000000000000000000000000000000000000001", 0x3F800001)]
    [InlineData("16777217", 0x4B800000)]
    [InlineData("1e-45", 0x00000001)]
    [InlineData("1.17549435E-38", 0x00800000)]
    [InlineData("3.4028235677973366e38", 0x7F7FFFFF)]
    [InlineData("0.1000000014901161193847656250000", 0x3DCCCCCD)]
    public void Fp32_AnyDigits_IsTheNearest(string text, int bits) => BitConverter.ToInt32(Read("FP32", text)).ShouldBe(bits);

    /// <summary>Cases that parsers of numbers are known to have got wrong.</summary>
    [Theory]
    [InlineData("2.2250738585072011e-308", 0x000FFFFFFFFFFFFF)]
    [InlineData("2.2250738585072012e-308", 0x0010000000000000)]
    [InlineData("5e-324", 0x0000000000000001)]
    [InlineData("9007199254740993", 0x4340000000000000)]
    [InlineData("1.7976931348623158e308", 0x7FEFFFFFFFFFFFFF)]
    public void Fp64_AnyDigits_IsTheNearest(string text, long bits) => BitConverter.ToInt64(Read("FP64", text)).ShouldBe(bits);

    [Fact]
    public void Integer_OfAnySize_IsReadExactlyOrRefused()
    {
        var range = new Dictionary<string, (BigInteger Min, BigInteger Max, int Size)>
        {
            ["INT8"] = (sbyte.MinValue, sbyte.MaxValue, 1),
            ["INT16"] = (short.MinValue, short.MaxValue, 2),
            ["INT32"] = (int.MinValue, int.MaxValue, 4),
            ["INT64"] = (long.MinValue, long.MaxValue, 8),
            ["UINT8"] = (0, byte.MaxValue, 1),
            ["UINT16"] = (0, ushort.MaxValue, 2),
            ["UINT32"] = (0, uint.MaxValue, 4),
            ["UINT64"] = (0, ulong.MaxValue, 8),
        };
        // Around the ends of each datatype, where a check is off by one.
        var near = Gen.Select(Gen.Int[0, 64], Gen.Int[-2, 2], Gen.Bool, (power, offset, negative) => (negative ? -1 : 1) * BigInteger.Pow(2, power) + offset);
        Gen.Select(Gen.OneOf([.. range.Keys]), near).Sample((datatype, number) =>
        {
            var (min, max, size) = range[datatype];
            if (number < min || number > max)
            {
                Should.Throw<Mlops.Contracts.Fault>(() => Read(datatype, number.ToString(CultureInfo.InvariantCulture)));
                return;
            }

            var raw = Read(datatype, number.ToString(CultureInfo.InvariantCulture));
            raw.Length.ShouldBe(size);
            new BigInteger(raw, isUnsigned: datatype[0] == 'U').ShouldBe(number);
        }, seed: "0000000000001", iter: 5000);
    }

    [Fact]
    public Task Fp32_AnyBits_KeepThem() => KeepsBitsAsync("FP32", Gen.UInt.Select(bits => float.IsFinite(BitConverter.UInt32BitsToSingle(bits)) ? bits : 0), element => BitConverter.SingleToUInt32Bits(element.GetSingle()));

    [Fact]
    public Task Fp64_AnyBits_KeepThem() => KeepsBitsAsync("FP64", Gen.ULong.Select(bits => double.IsFinite(BitConverter.UInt64BitsToDouble(bits)) ? bits : 0), element => BitConverter.DoubleToUInt64Bits(element.GetDouble()));

    [Fact]
    public Task Int64_AnyBits_KeepThem() => KeepsBitsAsync("INT64", Gen.Long, element => element.GetInt64());

    [Fact]
    public Task UInt64_AnyBits_KeepThem() => KeepsBitsAsync("UINT64", Gen.ULong, element => element.GetUInt64());

    private static byte[] Read(string datatype, string number)
    {
        var json = $$"""{"inputs":[{"name":"x","shape":[1],"datatype":"{{datatype}}","data":[{{number}}]}]}""";
        var request = RequestJson.Parse("m", "", new RequestBody(System.Text.Encoding.UTF8.GetBytes(json), default));
        return request.Inference.Inputs.ShouldHaveSingleItem().Contents.ToArray();
    }

    /// <summary>Raw to JSON, as another reader of JSON reads it, and from that JSON to raw again.</summary>
    private async Task KeepsBitsAsync<T>(string datatype, Gen<T> bits, Func<JsonElement, T> read)
        where T : struct => await bits.Array[1, 500].SampleAsync(async elements =>
    {
        var raw = Requests.Bytes(elements);
        var written = await server.It.PostAsync($"/v2/models/{datatype}/infer",
            $$$"""{"inputs":[{"name":"x","shape":[{{{elements.Length}}}],"datatype":"{{{datatype}}}","parameters":{"binary_data_size":{{{raw.Length}}}}}]}""", raw);
        written.Json.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(read).ShouldBe(elements);
        var back = await server.It.PostAsync($"/v2/models/{datatype}/infer",
            $$$"""{"inputs":[{"name":"x","shape":[{{{elements.Length}}}],"datatype":"{{{datatype}}}","data":{{{written.Data}}}}],"parameters":{"binary_data_output":true}}""");
        back.Binary.ShouldBe(raw);
    }, seed: "0000000000001", iter: 100);
}
