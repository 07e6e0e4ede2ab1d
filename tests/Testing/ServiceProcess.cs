using System.Collections.Concurrent;
using System.Diagnostics;

namespace Mlops.Testing;

/// <summary>A service of the solution, built in the configuration that the tests were built in, running as a process of its own.</summary>
public sealed class ServiceProcess : IAsyncDisposable
{
    private readonly ProcessStartInfo _start;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly string? _log;
    private Process _process;

    private ServiceProcess(string name, ProcessStartInfo start, string? log)
    {
        (Name, _start, _log) = (name, start, log);
        _process = Begin();
    }

    public string Name { get; }

    /// <summary>The process's id; another one after each start.</summary>
    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    /// <summary>Everything that it has printed so far, on both outputs.</summary>
    public string Output => string.Join('\n', _output);

    /// <summary>Starts <c>services/{name}</c>.</summary>
    /// <param name="name">The project's name.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Configuration, with ':' between section and name.</param>
    /// <param name="log">A file to which its output is added while it runs; null for none.</param>
    public static ServiceProcess Start(string name, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? settings = null, string? log = null) =>
        StartAssembly(name, Path.Combine(Root, "services", name, "bin", Configuration, "net10.0", $"Mlops.{name}.dll"), arguments, settings, log);

    /// <summary>Starts an assembly that is built somewhere else.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="assembly">Its path.</param>
    /// <param name="arguments">Its command line.</param>
    /// <param name="settings">Configuration, with ':' between section and name.</param>
    /// <param name="log">A file to which its output is added while it runs; null for none.</param>
    public static ServiceProcess StartAssembly(
        string name, string assembly, IEnumerable<string> arguments, IEnumerable<KeyValuePair<string, string>>? settings = null, string? log = null)
    {
        if (!File.Exists(assembly))
            throw new InvalidOperationException($"{assembly} is not built");
        var start = new ProcessStartInfo("dotnet", [assembly, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (key, value) in settings ?? [])
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        return new ServiceProcess(name, start, log);
    }

    /// <summary>Waits until it has printed <paramref name="text"/>, and returns the line.</summary>
    public async Task<string> PrintedAsync(string text, TimeSpan longest)
    {
        string? found = null;
        await UntilAsync(() => Task.FromResult((found = _output.FirstOrDefault(line => line.Contains(text, StringComparison.Ordinal))) is not null), longest, $"'{text}'");
        return found!;
    }

    /// <summary>Waits until its health check says that it is ready.</summary>
    public async Task ReadyAsync(Uri http, TimeSpan longest)
    {
        using var client = new HttpClient { BaseAddress = http, Timeout = TimeSpan.FromSeconds(5) };
        await UntilAsync(async () =>
        {
            try
            {
                using var response = await client.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return response.IsSuccessStatusCode;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException)
            {
                return false;
            }
        }, longest, "readiness");
    }

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<int> ExitedAsync(TimeSpan longest)
    {
        using var bound = new CancellationTokenSource(longest);
        await _process.WaitForExitAsync(bound.Token);
        return _process.ExitCode;
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
    }

    /// <summary>Starts it again, with the same arguments, after it has ended.</summary>
    public void StartAgain()
    {
        _process.Dispose();
        _process = Begin();
    }

    /// <summary>Makes it stand still, as a paused machine does (SIGSTOP).</summary>
    public Task PauseAsync() => SignalAsync("STOP");

    /// <summary>Lets it go on (SIGCONT).</summary>
    public Task ContinueAsync() => SignalAsync("CONT");

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    /// <summary>The repository that this was built from.</summary>
    public static string Root
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Mlops.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException("the tests run outside the repository");
        }
    }

    /// <summary>…/bin/{configuration}/net10.0/ is where the tests run.</summary>
    private static string Configuration => new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    private Process Begin()
    {
        var process = Process.Start(_start)!;
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    private Task SignalAsync(string signal) => Servers.RunAsync("sh", "-c", $"kill -{signal} {Id}");

    private void Keep(string? line)
    {
        if (line is null)
            return;
        _output.Enqueue(line);
        if (_log is not null)
            lock (_output)
                File.AppendAllText(_log, $"{line}\n");
    }

    private async Task UntilAsync(Func<Task<bool>> condition, TimeSpan longest, string what)
    {
        try
        {
            await Servers.UntilAsync(async () => _process.HasExited
                ? throw new InvalidOperationException($"{Name} ended with {_process.ExitCode} before {what}:\n{Output}")
                : await condition(), longest, what);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException($"{Name}: {exception.Message}\n{Output}");
        }
    }
}
