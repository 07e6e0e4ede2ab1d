using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Mlops.Testing;

/// <summary>What the private servers have in common: free ports, folders of their own, processes that are ended with them.</summary>
public static class Servers
{
    // Below the range from which outgoing connections get theirs (from 32768): what is killed finds its port free again.
    private const int FirstPort = 10_000, PortsOfAProcess = 100, Processes = 220;
    private static int _ports;
    private static int _folders;

    /// <summary>A port that nobody listens on; another one with each call, until a hundred have been given out.</summary>
    public static int FreePort()
    {
        var first = FirstPort + (Environment.ProcessId % Processes * PortsOfAProcess);
        while (true)
        {
            var port = first + (Interlocked.Increment(ref _ports) % PortsOfAProcess);
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Somebody else's.
            }
        }
    }

    public static string NewFolder(string name)
    {
        var folder = Path.Combine(Path.GetTempPath(), $"mlops-{name}-{Environment.ProcessId}-{Interlocked.Increment(ref _folders)}");
        Directory.CreateDirectory(folder);
        return folder;
    }

    public static Process Start(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? onlyEnvironment = null)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (onlyEnvironment is not null)
        {
            start.Environment.Clear();
            foreach (var (name, value) in onlyEnvironment)
                start.Environment[name] = value;
        }
        return Process.Start(start) ?? throw new InvalidOperationException($"{file} did not start");
    }

    /// <summary>Runs a program that ends by itself, without which a test cannot go on.</summary>
    public static Task RunAsync(string file, params string[] arguments) => RunAsync(file, arguments, onlyEnvironment: null);

    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? onlyEnvironment)
    {
        using var process = Start(file, arguments, onlyEnvironment);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? await output
            : throw new InvalidOperationException($"{file} {string.Join(' ', arguments)} ended with {process.ExitCode}: {await output}{await error}");
    }

    /// <summary>Asks until the answer is yes, for a bounded time.</summary>
    public static async Task UntilAsync(Func<Task<bool>> condition, TimeSpan longest, string what)
    {
        var clock = Stopwatch.StartNew();
        while (!await condition())
        {
            if (clock.Elapsed > longest)
                throw new TimeoutException($"{what} did not happen within {longest.TotalSeconds:0} s");
            await Task.Delay(50);
        }
    }
}
