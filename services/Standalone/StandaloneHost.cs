using Mlops.Compressor;
using Mlops.Datasets;
using Mlops.Evaluator;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Trainer;
using Spectre.Console;

namespace Mlops.Standalone;

/// <summary>How the one process is started.</summary>
/// <param name="DataDir">Where the registry and the artifacts live; made when it is not there.</param>
/// <param name="HttpPort">0 takes any free one.</param>
/// <param name="GrpcPort">0 takes any free one.</param>
/// <param name="Quiet">Whether the log is left to warnings, on the error output.</param>
internal sealed record StandaloneSettings(string DataDir, int HttpPort, int GrpcPort, bool Quiet);

/// <summary>All six services in one process, on an SQLite file and events within the process; loopback only.</summary>
internal sealed class StandaloneHost
{
    private readonly WebApplication _app;

    private StandaloneHost(WebApplication app)
    {
        _app = app;
        // In the order of listening: HTTP first, then gRPC.
        var addresses = app.Urls.ToList();
        (Http, Grpc) = (new Uri(addresses[0]), new Uri(addresses[1]));
    }

    /// <summary>APIs and pages.</summary>
    public Uri Http { get; }

    /// <summary>Inference.</summary>
    public Uri Grpc { get; }

    public IServiceProvider Services => _app.Services;

    /// <summary>Runs the services while <paramref name="use"/> goes on.</summary>
    /// <returns>What <paramref name="use"/> returned, or 1 when the services could not be started.</returns>
    public static async Task<int> RunAsync(StandaloneSettings settings, Func<StandaloneHost, CancellationToken, Task<int>> use, CancellationToken stop)
    {
        Console.WriteLine($"starting six services on {settings.DataDir} …");
        Directory.CreateDirectory(settings.DataDir);
        using var only = TryLock(settings.DataDir);
        if (only is null)
        {
            await Console.Error.WriteLineAsync($"{settings.DataDir} is in use by another process; give another --data-dir");
            return 1;
        }
        await using var app = Build(settings);
        try
        {
            // Not with the stop token: it would cut off the services' loops before the host stops them in order.
            await app.StartAsync(CancellationToken.None);
        }
        catch (IOException exception)
        {
            await Console.Error.WriteLineAsync($"cannot listen: {exception.Message} Give other ports with --port and --grpc-port; 0 takes any free one.");
            return 1;
        }
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop, app.Lifetime.ApplicationStopping);
        var result = await use(new StandaloneHost(app), ended.Token);
        await app.StopAsync(CancellationToken.None);
        return result;
    }

    public void PrintAddresses() => AnsiConsole.Write(new Rows(
        new Text($"pages       {Http}ui"),
        new Text($"API         {Http}api  (OpenAPI: {Http}openapi/v1.json)"),
        new Text($"inference   {Grpc}  (gRPC, Open Inference Protocol v2)"),
        new Text($"            {Http}v2  (the same over REST)"),
        new Text("Ctrl-C ends it; started again, it serves what it serves now.")));

    public static Task WaitForStopAsync(CancellationToken ended)
    {
        var stopped = new TaskCompletionSource();
        ended.Register(stopped.SetResult);
        return stopped.Task;
    }

    private static WebApplication Build(StandaloneSettings settings)
    {
        var builder = MlopsHost.CreateBuilder([], "standalone", new ListenOptions { Http = settings.HttpPort, Grpc = settings.GrpcPort });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Registry:Provider"] = "Sqlite",
            ["Registry:ConnectionString"] = $"Data Source={Path.Combine(settings.DataDir, "registry.db")}",
            ["Artifacts:Root"] = Path.Combine(settings.DataDir, "artifacts"),
            ["Bus:Transport"] = "InMemory",
            ["Trainer:Concurrency"] = $"{Math.Clamp(Environment.ProcessorCount, 1, 8)}",
        });
        if (settings.Quiet)
        {
            builder.Logging.SetMinimumLevel(LogLevel.Warning);
            builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        }
        builder.AddDatasets().AddTrainer().AddEvaluator().AddCompressor().AddGovernance().AddInference();
        var app = builder.BuildMlops();
        app.MapDatasets();
        app.MapGovernance();
        app.MapInference();
        return app;
    }

    private static FileStream? TryLock(string dataDir)
    {
        try
        {
            return new FileStream(Path.Combine(dataDir, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
