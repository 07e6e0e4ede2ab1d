using System.Buffers.Binary;
using System.Diagnostics;
using System.Net.Sockets;
using System.Text;

namespace Mlops.Benchmarks.Inference;

/// <summary>One connection's share of a load, as frames of HTTP/2 (RFC 9113) with header blocks that need no table (RFC 7541).</summary>
internal sealed class Http2Connection : IDisposable
{
    private const int FrameHeader = 9, LargestFrame = 16_384, GrpcPrefix = 5;
    private const byte Data = 0, Headers = 1, Reset = 3, Settings = 4, Ping = 6, GoAway = 7, WindowUpdate = 8;
    private const byte EndStream = 1, Acknowledged = 1, EndHeaders = 4;
    private const int MostUnderWay = 128;

    private readonly Socket _socket;
    private readonly IPace _pace;
    private readonly byte[] _request;
    private readonly List<int> _streamIds;
    private readonly int _requestBytes;
    private readonly byte[] _out;
    private readonly byte[] _in = new byte[256 * 1024];
    private readonly long[] _begun = new long[1 << 18];
    private readonly List<long> _ticks = [];
    private int _outLength;
    private int _inLength;
    private int _nextStream = 1;
    private int _underWay;
    private long _window = 65_535;

    public Http2Connection(Uri server, string method, byte[] message, IPace pace)
    {
        _pace = pace;
        (_request, _streamIds) = Frames(server, method, message);
        _requestBytes = message.Length + GrpcPrefix;
        _out = new byte[Math.Max(64 * 1024, MostUnderWay * _request.Length + 1024)];
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        _socket.Connect(server.Host, server.Port);
        // No header table, so that an answer's headers are plain; windows that never close; no push.
        _socket.Send([.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, .. Frame(Settings, 0, 0, [0, 1, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 4, 0x3f, 0xff, 0xff, 0xff]), .. Frame(WindowUpdate, 0, 0, [0x3f, 0xff, 0, 0])]);
    }

    /// <summary>How long each answered request took.</summary>
    public IReadOnlyList<long> Ticks => _ticks;

    public long Failed { get; private set; }

    /// <summary>Begins requests until the given moment, and ends when all are answered.</summary>
    public void Run(long until)
    {
        while (true)
        {
            var wait = Begin(until);
            Flush();
            if (_underWay == 0 && wait is null)
                return;
            if (wait is null || Readable.Within(_socket, wait.Value - Stopwatch.GetTimestamp()))
                Read();
        }
    }

    public void Dispose() => _socket.Dispose();

    /// <summary>Begins what is due; returns when the next is, or null where an answer comes first or the time is over.</summary>
    private long? Begin(long until)
    {
        while (_pace.Next(_underWay) is { } due && due < until)
        {
            if (due > Stopwatch.GetTimestamp() || _window < _requestBytes)
                return due;
            _request.CopyTo(_out, _outLength);
            foreach (var at in _streamIds)
                BinaryPrimitives.WriteInt32BigEndian(_out.AsSpan(_outLength + at), _nextStream);
            _outLength += _request.Length;
            _begun[_nextStream / 2 % _begun.Length] = due;
            _window -= _requestBytes;
            _nextStream += 2;
            _underWay++;
            _pace.Begun();
        }

        return null;
    }

    private void Flush()
    {
        if (_outLength > 0)
            _socket.Send(_out.AsSpan(0, _outLength));
        _outLength = 0;
    }

    private void Read()
    {
        var read = _socket.Receive(_in.AsSpan(_inLength));
        if (read == 0)
            throw new InvalidOperationException("the server closed the connection");
        _inLength += read;
        var rest = _in.AsSpan(0, _inLength);
        while (rest.Length >= FrameHeader)
        {
            var length = rest[0] << 16 | rest[1] << 8 | rest[2];
            if (rest.Length < FrameHeader + length)
                break;
            Take(rest[3], rest[4], BinaryPrimitives.ReadInt32BigEndian(rest[5..]), rest.Slice(FrameHeader, length));
            rest = rest[(FrameHeader + length)..];
        }

        _inLength = rest.Length;
        rest.CopyTo(_in);
    }

    private void Take(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        switch (type)
        {
            case Headers when (flags & EndStream) != 0:
                End(stream, payload.IndexOf("grpc-status\u00010"u8) >= 0);
                break;
            case Reset:
                End(stream, false);
                break;
            case Settings when (flags & Acknowledged) == 0:
                Put(Frame(Settings, Acknowledged, 0, []));
                break;
            case Ping when (flags & Acknowledged) == 0:
                Put(Frame(Ping, Acknowledged, 0, payload));
                break;
            case WindowUpdate when stream == 0:
                _window += BinaryPrimitives.ReadInt32BigEndian(payload);
                break;
            case GoAway:
                throw new InvalidOperationException($"the server ends the connection: {Encoding.ASCII.GetString(payload[8..])}");
        }
    }

    private void End(int stream, bool ok)
    {
        _underWay--;
        if (ok)
            _ticks.Add(Stopwatch.GetTimestamp() - _begun[stream / 2 % _begun.Length]);
        else
            Failed++;
    }

    private void Put(ReadOnlySpan<byte> frame)
    {
        frame.CopyTo(_out.AsSpan(_outLength));
        _outLength += frame.Length;
    }

    /// <summary>A whole request, and where in it the stream's number goes.</summary>
    private static (byte[] Frames, List<int> StreamIds) Frames(Uri server, string method, byte[] message)
    {
        byte[] body = [0, 0, 0, 0, 0, .. message];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(1), message.Length);
        var (frames, streamIds) = (new List<byte>(), new List<int>());
        Put(Headers, EndHeaders, [0x83, 0x86, 0x04, .. Text(method), 0x01, .. Text(server.Authority), 0x0f, 0x10, .. Text("application/grpc"), 0x00, .. Text("te"), .. Text("trailers")]);
        foreach (var part in body.Chunk(LargestFrame))
            Put(Data, 0, part);
        frames[streamIds[^1] - 1] = EndStream;
        return ([.. frames], streamIds);

        void Put(byte type, byte flags, ReadOnlySpan<byte> payload)
        {
            streamIds.Add(frames.Count + FrameHeader - sizeof(int));
            frames.AddRange(Frame(type, flags, 0, payload));
        }
    }

    private static byte[] Frame(byte type, byte flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[FrameHeader + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, payload.Length << 8 | type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), stream);
        payload.CopyTo(frame.AsSpan(FrameHeader));
        return frame;
    }

    /// <summary>A text as header blocks hold it, without Huffman's code.</summary>
    private static byte[] Text(string text) => text.Length < 127 ? [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)] : throw new ArgumentOutOfRangeException(nameof(text));
}
