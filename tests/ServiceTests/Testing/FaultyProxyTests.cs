using System.Net;
using System.Net.Sockets;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.ServiceTests.Testing;

public sealed class FaultyProxyTests
{
    private const int Ended = -1;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Close_CutsWhatIsOpen_AndLetsNothingInUntilOpened()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var proxy = new FaultyProxy(((IPEndPoint)listener.LocalEndpoint).Port);

        using var first = await ConnectAsync(proxy);
        using var accepted = await listener.AcceptSocketAsync(Stop);
        await first.SendAsync(new byte[] { 7 }, Stop);
        (await ReadAsync(accepted)).ShouldBe(7);
        await accepted.SendAsync(new byte[] { 8 }, Stop);
        (await ReadAsync(first)).ShouldBe(8);

        proxy.Close().ShouldBe(1);
        (await ReadAsync(first)).ShouldBe(Ended);
        (await ReadAsync(accepted)).ShouldBe(Ended);
        (await IsLetInAsync(proxy)).ShouldBeFalse();

        proxy.Open();
        using var again = await ConnectAsync(proxy);
        await again.SendAsync(new byte[] { 9 }, Stop);
        using var next = await listener.AcceptSocketAsync(Stop);
        (await ReadAsync(next)).ShouldBe(9);
    }

    private static async Task<bool> IsLetInAsync(FaultyProxy proxy)
    {
        try
        {
            using var socket = await ConnectAsync(proxy);
            return await ReadAsync(socket) != Ended;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static async Task<Socket> ConnectAsync(FaultyProxy proxy)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, proxy.Port, Stop);
        return socket;
    }

    /// <returns>The byte that came, or that the connection has ended.</returns>
    private static async Task<int> ReadAsync(Socket socket)
    {
        try
        {
            var buffer = new byte[1];
            return await socket.ReceiveAsync(buffer, Stop) == 0 ? Ended : buffer[0];
        }
        catch (SocketException)
        {
            return Ended;
        }
    }
}
