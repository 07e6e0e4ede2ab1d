using CsCheck;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

public sealed class BytesTensorTests
{
    [Fact]
    public void Elements_PutAndTaken_AreTheSame() => Gen.Byte.Array[0, 20].Array[0, 10].Sample(elements =>
    {
        var contents = new byte[elements.Sum(element => BytesTensor.Size(element.Length))];
        var rest = contents.AsSpan();
        foreach (var element in elements)
            BytesTensor.Put(ref rest, element);
        rest.Length.ShouldBe(0);
        BytesTensor.Check(contents, elements.Length).ShouldBeNull();
        ReadOnlySpan<byte> left = contents;
        foreach (var element in elements)
            BytesTensor.Take(ref left).ToArray().ShouldBe(element);
    }, seed: "0000000000001");

    [Fact]
    public void Put_Text_IsItsLengthInFourBytesAndItself()
    {
        var contents = new byte[7];
        var rest = contents.AsSpan();
        BytesTensor.Put(ref rest, "abc"u8);
        contents.ShouldBe([3, 0, 0, 0, 0x61, 0x62, 0x63]);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 65 }, 2, "expected 2 elements, got 1")]
    [InlineData(new byte[] { 1, 0, 0, 0, 65, 0, 0, 0, 0 }, 1, "expected 1 elements, got 2")]
    [InlineData(new byte[] { 2, 0, 0, 0, 65 }, 1, "element 0 says it has 2 bytes, and 1 are left")]
    [InlineData(new byte[] { 255, 255, 255, 255, 65 }, 1, "element 0 says it has 4294967295 bytes, and 1 are left")]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 9 }, 2, "element 1 begins at byte 4, where its length needs 4 bytes and 2 are left")]
    public void Check_Malformed_SaysWhatIsWrong(byte[] contents, long elements, string problem) => BytesTensor.Check(contents, elements).ShouldBe(problem);
}
