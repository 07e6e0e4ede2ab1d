using System.Net;
using System.Net.Sockets;
using System.Text;
using Google.Protobuf;
using Mlops.Protos;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>What tests/Fuzz has found: callers' mistakes that were called errors of ours.</summary>
public sealed class BrokenRequestTests(InferenceErrorTests.Server server) : IClassFixture<InferenceErrorTests.Server>
{
    /// <summary>Flag, length and contents.</summary>
    public static TheoryData<string, string, string?> Frames() => new()
    {
        { "a flag that there is not", "0700000000", null },
        { "a length beyond 2 GiB", "00FFFFFFFF", null },
        { "gzip that is none", "0100000003AABBCC", "gzip" },
    };

    [Theory]
    [MemberData(nameof(Frames))]
    public async Task Frame_ThatCannotBeRead_IsTheCallersMistake(string what, string frame, string? encoding)
    {
        foreach (var method in new[] { "ModelInfer", "ModelStreamInfer", "ServerLive" })
        {
            var (status, _) = await SendAsync(method, Convert.FromHexString(frame), encoding);
            status.ShouldBe("3", $"{what}, to {method}");
        }
    }

    [Theory]
    [InlineData("ServerLive")]
    [InlineData("ServerMetadata")]
    [InlineData("ModelReady")]
    [InlineData("ModelMetadata")]
    [InlineData("ModelConfig")]
    [InlineData("ModelStatistics")]
    [InlineData("RepositoryIndex")]
    public async Task Message_ThatCannotBeRead_IsTheCallersMistake(string method)
    {
        var (status, text) = await SendAsync(method, [0, 0, 0, 0, 2, 0x0a, 99]);
        (status, text).ShouldBe(("3", "not a message that can be read: While parsing a protocol message, the input ended unexpectedly in the middle of a field.  This could mean either that the input has been truncated or that an embedded message misreported its own length."));
    }

    [Fact]
    public async Task StatusText_OfANameInManyBytes_FitsIntoAHeader()
    {
        var message = new ModelInferRequest { ModelName = string.Concat(Enumerable.Repeat("語😀", 3_000)) }.ToByteArray();
        byte[] length = [(byte)(message.Length >> 24), (byte)(message.Length >> 16), (byte)(message.Length >> 8), (byte)message.Length];
        var (status, text) = await SendAsync("ModelInfer", [0, .. length, .. message]);
        status.ShouldBe("5");
        Uri.EscapeDataString(text).Length.ShouldBeInRange(5_000, 7_000);
        text.ShouldNotContain('\ufffd');
    }

    [Theory]
    [InlineData("fffffffff\r\n{}\r\n0\r\n\r\n")]
    [InlineData("2\r\n{}\r\n0\r\nX: \0\r\n\r\n")]
    [InlineData("2\r\n{}\r\n0\r\n\xff: y\r\n\r\n")]
    public async Task Chunks_ThatCannotBeRead_AreTheCallersMistake(string chunks)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server.It.Http.BaseAddress!.Host, server.It.Http.BaseAddress.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.Latin1.GetBytes($"POST /v2/models/two/infer HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}"), TestContext.Current.CancellationToken);
        var answer = new byte[4096];
        var read = await socket.ReceiveAsync(answer, TestContext.Current.CancellationToken);
        Encoding.ASCII.GetString(answer, 0, read).ShouldStartWith("HTTP/1.1 400");
    }

    private async Task<(string Status, string Text)> SendAsync(string method, byte[] body, string? encoding = null)
    {
        using var http = new HttpMessageInvoker(new SocketsHttpHandler());
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.It.Address, $"/inference.GRPCInferenceService/{method}"))
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { { "Content-Type", "application/grpc" } } },
        };
        request.Headers.Add("te", "trailers");
        if (encoding is not null)
            request.Headers.Add("grpc-encoding", encoding);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var found = response.TrailingHeaders.Contains("grpc-status") ? response.TrailingHeaders : (System.Net.Http.Headers.HttpHeaders)response.Headers;
        return (found.GetValues("grpc-status").Single(), Uri.UnescapeDataString(found.GetValues("grpc-message").SingleOrDefault("")));
    }
}
