using Grpc.Core;
using Mlops.Client.Calls;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Client;

public sealed class RetryHintTests
{
    [Fact]
    public void Trailers_None_SayNothing() => RetryHint.In([]).ShouldBe(new RetryHint(null, false));

    [Theory]
    [InlineData("retry-after-ms", "250", 250)]
    [InlineData("retry-after-ms", "0", 0)]
    [InlineData("grpc-retry-pushback-ms", "40", 40)]
    public void Trailer_OfMilliseconds_IsTheWait(string trailer, string value, int milliseconds) =>
        RetryHint.In(new Metadata { { trailer, value } }).ShouldBe(new RetryHint(TimeSpan.FromMilliseconds(milliseconds), false));

    [Theory]
    [InlineData("soon")]
    [InlineData("-5")]
    [InlineData("99999999999999999999")]
    public void RetryAfter_Unreadable_SaysNothing(string value) =>
        RetryHint.In(new Metadata { { "retry-after-ms", value } }).ShouldBe(new RetryHint(null, false));

    [Theory]
    [InlineData("-1")]
    [InlineData("soon")]
    public void Pushback_NegativeOrUnreadable_ForbidsAnother(string value) =>
        RetryHint.In(new Metadata { { "grpc-retry-pushback-ms", value } }).ShouldBe(new RetryHint(null, true));

    [Fact]
    public void RetryInfo_InTheDetails_IsTheWait()
    {
        // google.rpc.Status { code: 8, details: [Any { RetryInfo { retry_delay { seconds: 1, nanos: 500000000 } } }] }, by the wire format's rules.
        byte[] delay = [0x08, 0x01, 0x10, 0x80, 0xCA, 0xB5, 0xEE, 0x01];
        byte[] info = [0x0A, (byte)delay.Length, .. delay];
        byte[] any = [0x0A, 40, .. "type.googleapis.com/google.rpc.RetryInfo"u8, 0x12, (byte)info.Length, .. info];
        byte[] status = [0x08, 0x08, 0x1A, (byte)any.Length, .. any];
        RetryHint.In(new Metadata { { "grpc-status-details-bin", status } }).ShouldBe(new RetryHint(TimeSpan.FromSeconds(1.5), false));
    }

    [Fact]
    public void RetryInfo_Unreadable_SaysNothing() =>
        RetryHint.In(new Metadata { { "grpc-status-details-bin", [0x1A, 0x50, 0x01] } }).ShouldBe(new RetryHint(null, false));
}
