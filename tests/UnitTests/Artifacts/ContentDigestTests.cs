using System.Text;
using Mlops.Artifacts;
using Mlops.Contracts;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Artifacts;

public sealed class ContentDigestTests
{
    // FIPS 180-2, appendix B.1, and the well-known digest of nothing.
    [Theory]
    [InlineData("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    public void Of_PublishedVectors_GivesPublishedDigest(string content, string digest)
    {
        var found = ContentDigest.Of(Encoding.ASCII.GetBytes(content));

        found.ToString().ShouldBe(digest);
        ContentDigest.Parse(digest).ShouldBe(found);
        Convert.ToHexStringLower(found.ToBytes()).ShouldBe(digest);
        new ContentDigest(found.ToBytes()).ShouldBe(found);
    }

    [Fact]
    public void Equality_AnyDigitDiffers_IsFalse()
    {
        var digits = new string('0', 64);
        for (var i = 0; i < digits.Length; i++)
            ContentDigest.Parse(digits.Remove(i, 1).Insert(i, "1")).ShouldNotBe(ContentDigest.Parse(digits));
    }

    [Theory]
    [InlineData("")]
    [InlineData("ba7816bf")]
    [InlineData("BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD")]
    [InlineData("ga7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
    [InlineData("../../etc/passwd0000000000000000000000000000000000000000000000000")]
    public void Parse_NotADigest_FaultSaysWhatIsAccepted(string text)
    {
        ContentDigest.TryParse(text, out _).ShouldBeFalse();
        var fault = Should.Throw<Fault>(() => ContentDigest.Parse(text));

        fault.Kind.ShouldBe(FaultKind.Invalid);
        fault.Message.ShouldBe($"digest: '{text}' is not a SHA-256; 64 lower-case hexadecimal digits are accepted");
    }
}
