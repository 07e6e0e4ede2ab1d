using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Grpc.AspNetCore.Server.Model;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Testing;

namespace Mlops.Benchmarks.Inference;

/// <summary>The inference service as it ships, in a process of its own, with a door for the benchmark to load models and read counters by.</summary>
internal sealed class MeasuredServer : IAsyncDisposable
{
    public const string Argument = "serve-inference";

    private readonly ServiceProcess _process;
    private readonly DirectoryInfo _folder;
    private readonly HttpClient _http;

    private MeasuredServer(ServiceProcess process, DirectoryInfo folder, Uri http, Uri grpc) =>
        (_process, _folder, _http, Grpc) = (process, folder, new HttpClient { BaseAddress = http }, grpc);

    public Uri Grpc { get; }

    /// <summary>Starts it and waits until it answers.</summary>
    /// <param name="settings">Its configuration, such as <c>Inference:MaxBatchSize</c>.</param>
    public static Task<MeasuredServer> StartAsync(params (string Key, string Value)[] settings) => StartAsync(typeof(MeasuredServer).Assembly.Location, settings);

    /// <summary>Starts one that was published.</summary>
    /// <param name="assembly">Where this assembly lies there.</param>
    /// <param name="settings">Its configuration.</param>
    public static async Task<MeasuredServer> StartAsync(string assembly, params (string Key, string Value)[] settings)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-benchmark-");
        var (http, grpc) = (Servers.FreePort(), Servers.FreePort());
        KeyValuePair<string, string>[] all =
        [
            .. settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)),
            new("Listen:Http", $"{http}"),
            new("Listen:Grpc", $"{grpc}"),
            new("Registry:ConnectionString", $"Data Source={Path.Combine(folder.FullName, "registry.db")}"),
            new("Artifacts:Root", Path.Combine(folder.FullName, "artifacts")),
        ];
        var process = ServiceProcess.StartAssembly("inference", assembly, [Argument], all);
        var server = new MeasuredServer(process, folder, new Uri($"http://127.0.0.1:{http}"), new Uri($"http://127.0.0.1:{grpc}"));
        await process.ReadyAsync(server._http.BaseAddress!, TimeSpan.FromMinutes(1));
        return server;
    }

    /// <summary>The server's own process.</summary>
    public static async Task<int> ServeAsync(string[] args)
    {
        var builder = MlopsHost.CreateBuilder(args, "inference", new ListenOptions());
        builder.AddInference();
        builder.Services.AddSingleton<EchoGrpc>();
        builder.Services.AddSingleton<IServiceMethodProvider<EchoGrpc>, EchoGrpc>();
        var app = builder.BuildMlops();
        app.MapInference();
        app.MapGrpcService<EchoGrpc>().ShortCircuit();
        app.MapPost("/benchmark/models/{name}/{version:int}", (Delegate)LoadModelAsync).WithMetadata(new DisableRequestSizeLimitAttribute());
        app.MapGet("/benchmark/usage", () =>
        {
            using var process = Process.GetCurrentProcess();
            return new Usage(process.TotalProcessorTime.TotalMicroseconds, GC.GetTotalAllocatedBytes(), process.WorkingSet64);
        });
        return await app.RunMlopsAsync();
    }

    public async Task LoadAsync(string name, byte[] model, int version = 1)
    {
        using var answer = await _http.PostAsync(new Uri(string.Create(CultureInfo.InvariantCulture, $"/benchmark/models/{name}/{version}"), UriKind.Relative), new ByteArrayContent(model));
        answer.EnsureSuccessStatusCode();
    }

    public async Task<Usage> UsageAsync() => (await _http.GetFromJsonAsync<Usage>("/benchmark/usage"))!;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<IResult> LoadModelAsync(string name, int version, HttpRequest request, ModelHost host)
    {
        using var bytes = new MemoryStream();
        await request.Body.CopyToAsync(bytes);
        var model = bytes.ToArray();
        var served = new ServedVersion { Model = name, Version = version, Bytes = model.Length, Digest = ContentDigest.Of(model).ToString(), ModelVersionId = Guid.CreateVersion7(), PipelineRunId = Guid.CreateVersion7() };
        if ((await host.ServeAsync(new ModelOrder { Champion = served }, (_, _) => Task.FromResult(model)))[0].Failure is { } failure)
            throw failure;
        return Results.NoContent();
    }
}

/// <summary>What the server's process has used since its start.</summary>
/// <param name="CpuMicroseconds">Of all threads.</param>
/// <param name="AllocatedBytes">Managed, whether collected since or not.</param>
/// <param name="WorkingSetBytes">Now.</param>
internal sealed record Usage(double CpuMicroseconds, long AllocatedBytes, long WorkingSetBytes);
