using System.Net;
using System.Net.Sockets;

namespace Mlops.Testing;

/// <summary>
/// Passes connections on to a server of this machine, so that a test can cut them while both sides live. A connection
/// that is cut ends with a reset; while the proxy is closed, new ones end so at once.
/// </summary>
public sealed class LoopbackProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<Socket> _open = [];
    private readonly int _target;
    private readonly Task _accepting;
    private bool _isClosed;

    private LoopbackProxy(int target)
    {
        _target = target;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    private bool IsClosed
    {
        get
        {
            lock (_open)
                return _isClosed;
        }
    }

    /// <summary>Where it listens.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Starts to pass connections on to a port of this machine.</summary>
    public static LoopbackProxy Start(int target) => new(target);

    /// <summary>Cuts every connection and lets none in.</summary>
    /// <returns>How many connections were cut.</returns>
    public int Close()
    {
        lock (_open)
        {
            _isClosed = true;
            foreach (var socket in _open)
                Reset(socket);
            return _open.Count / 2;
        }
    }

    /// <summary>Lets connections in again.</summary>
    public void Open()
    {
        lock (_open)
            _isClosed = false;
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var caller = await _listener.AcceptSocketAsync(_stop.Token);
                passing.RemoveAll(task => task.IsCompleted);
                passing.Add(PassAsync(caller));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(passing);
        }
    }

    private async Task PassAsync(Socket caller)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (caller)
        {
            try
            {
                if (IsClosed)
                    return;
                await server.ConnectAsync(IPAddress.Loopback, _target, _stop.Token);
                (caller.NoDelay, server.NoDelay) = (true, true);
                if (!TryAdd(caller, server))
                    return;
                await Task.WhenAny(CopyAsync(caller, server), CopyAsync(server, caller));
            }
            catch (Exception exception) when (exception is SocketException or OperationCanceledException)
            {
                // The server is away; the caller finds out as it would without us.
            }
            finally
            {
                Remove(caller, server);
                Reset(caller);
                Reset(server);
            }
        }
    }

    /// <summary>Until either side ends; how it ended does not matter.</summary>
    private static async Task CopyAsync(Socket from, Socket to)
    {
        try
        {
            var buffer = new byte[1 << 14];
            while (await from.ReceiveAsync(buffer) is > 0 and var read)
                await to.SendAsync(buffer.AsMemory(0, read));
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Cut, by us or by one of them.
        }
    }

    private bool TryAdd(Socket caller, Socket server)
    {
        lock (_open)
            return !_isClosed && _open.Add(caller) && _open.Add(server);
    }

    private void Remove(Socket caller, Socket server)
    {
        lock (_open)
        {
            _open.Remove(caller);
            _open.Remove(server);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended by itself.
        }
        socket.Close();
    }
}
