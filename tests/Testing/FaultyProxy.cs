using System.Net;
using System.Net.Sockets;

namespace Mlops.Testing;

/// <summary>What goes through a <see cref="FaultyProxy"/>, seen from the client.</summary>
public enum Direction
{
    Up,
    Down,
}

/// <summary>Stands before a server and passes bytes on, until a test lets it lose or change some, or cuts all connections.</summary>
public sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _server;
    private readonly Task _accepting;
    private CancellationTokenSource _cut = new();
    private int _open;

    public FaultyProxy(int serverPort)
    {
        _server = new IPEndPoint(IPAddress.Loopback, serverPort);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Uri Address => new($"http://{_listener.LocalEndpoint}");

    /// <summary>Sees each piece of a connection, may change it, and says whether the connection lives on. Gets the bytes that went before, too.</summary>
    public Func<Direction, long, Memory<byte>, bool> Pass { get; set; } = (_, _, _) => true;

    /// <summary>Connections that were cut.</summary>
    public int Cuts { get; private set; }

    /// <summary>Cuts every connection, and each new one at once.</summary>
    /// <returns>How many were open.</returns>
    public int Close()
    {
        var open = _open;
        _cut.Cancel();
        return open;
    }

    /// <summary>Lets connections live again.</summary>
    public void Open() => _cut = new CancellationTokenSource();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
        _cut.Dispose();
    }

    private async Task AcceptAsync()
    {
        var connections = new List<Task>();
        try
        {
            while (true)
                connections.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            await Task.WhenAll(connections);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        using (var server = new TcpClient())
        {
            using var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _cut.Token);
            Interlocked.Increment(ref _open);
            try
            {
                (client.NoDelay, server.NoDelay) = (true, true);
                await server.ConnectAsync(_server, ended.Token);
                await await Task.WhenAny(
                    PumpAsync(Direction.Up, client.GetStream(), server.GetStream(), ended.Token),
                    PumpAsync(Direction.Down, server.GetStream(), client.GetStream(), ended.Token));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One of the two hung up.
            }
            Interlocked.Decrement(ref _open);
            // No farewell: the other side sees a reset in the middle of what it reads or writes.
            client.LingerState = new LingerOption(true, 0);
            server.LingerState = new LingerOption(true, 0);
            await ended.CancelAsync();
        }
    }

    private async Task PumpAsync(Direction direction, NetworkStream from, NetworkStream to, CancellationToken cancellationToken)
    {
        var buffer = new byte[1 << 14];
        for (var passed = 0L; await from.ReadAsync(buffer, cancellationToken) is var read and > 0; passed += read)
        {
            if (!Pass(direction, passed, buffer.AsMemory(0, read)))
            {
                Cuts++;
                return;
            }
            await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        }
    }
}
