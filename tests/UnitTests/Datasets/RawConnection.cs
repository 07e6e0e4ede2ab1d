using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>HTTP/1.1 by hand, for callers that do what HttpClient does not: odd paths, silence, hanging up half-way.</summary>
public sealed class RawConnection : IDisposable
{
    private readonly TcpClient _tcp = new();
    private readonly List<byte> _received = [];
    private NetworkStream _stream = null!;

    public static async Task<RawConnection> OpenAsync(DatasetsServer server)
    {
        var connection = new RawConnection();
        await connection._tcp.ConnectAsync(IPAddress.Loopback, server.Http.BaseAddress!.Port, TestContext.Current.CancellationToken);
        connection._stream = connection._tcp.GetStream();
        return connection;
    }

    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes, TestContext.Current.CancellationToken);

    /// <summary>Headers of an upload whose body follows in chunks.</summary>
    public Task BeginUploadAsync(string name) => SendAsync(
        $"POST /datasets/{name}/versions HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n");

    public async Task SendChunkAsync(ReadOnlyMemory<byte> bytes)
    {
        await SendAsync($"{bytes.Length:x}\r\n");
        await SendAsync(bytes);
        await SendAsync("\r\n");
    }

    public Task EndChunksAsync() => SendAsync("0\r\n\r\n");

    public void EndSending() => _tcp.Client.Shutdown(SocketShutdown.Send);

    /// <summary>Hangs up without a farewell.</summary>
    public void Reset()
    {
        _tcp.LingerState = new LingerOption(true, 0);
        _tcp.Close();
    }

    /// <summary>The next whole response.</summary>
    public async Task<Answer> ReadAnswerAsync()
    {
        var head = Encoding.ASCII.GetString(await ReadToAsync("\r\n\r\n"u8.ToArray()));
        var headers = head.Split("\r\n").Skip(1).Where(line => line.Length > 0)
            .ToDictionary(line => line[..line.IndexOf(':')], line => line[(line.IndexOf(':') + 1)..].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = headers.ContainsKey("Transfer-Encoding")
            ? await ReadChunksAsync()
            : await ReadAsync(int.Parse(headers.GetValueOrDefault("Content-Length", "0"), System.Globalization.CultureInfo.InvariantCulture));
        return new Answer((HttpStatusCode)int.Parse(head.AsSpan(9, 3), System.Globalization.CultureInfo.InvariantCulture),
            headers.GetValueOrDefault("Content-Type")?.Split(';')[0], headers.GetValueOrDefault("Location"), Encoding.UTF8.GetString(body));
    }

    public void Dispose() => _tcp.Dispose();

    private async Task<byte[]> ReadChunksAsync()
    {
        List<byte> body = [];
        while (true)
        {
            var length = Convert.ToInt32(Encoding.ASCII.GetString(await ReadToAsync("\r\n"u8.ToArray())).Trim(), 16);
            body.AddRange(await ReadAsync(length));
            await ReadAsync(2);
            if (length == 0)
                return [.. body];
        }
    }

    private async Task<byte[]> ReadToAsync(byte[] end)
    {
        int at;
        while ((at = _received.ToArray().AsSpan().IndexOf(end)) < 0)
            await ReceiveAsync();
        return await ReadAsync(at + end.Length);
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        while (_received.Count < count)
            await ReceiveAsync();
        var bytes = _received[..count].ToArray();
        _received.RemoveRange(0, count);
        return bytes;
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[1 << 16];
        var read = await _stream.ReadAsync(buffer, TestContext.Current.CancellationToken);
        if (read == 0)
            throw new EndOfStreamException("the server closed the connection without an answer");
        _received.AddRange(buffer.AsSpan(0, read));
    }
}
