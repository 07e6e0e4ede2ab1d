using System.Diagnostics.Metrics;
using System.Net;
using System.Security.Cryptography;
using Google.Protobuf;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Inference;
using Mlops.Onnx.Format;
using Mlops.Protos;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>A server on real sockets (free ports of loopback: HTTP/2 without TLS for gRPC, HTTP/1.1 for REST) and clients to it.</summary>
public sealed class InferenceServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private InferenceServer(WebApplication app)
    {
        _app = app;
        // In the order of listening.
        Address = new Uri(app.Urls.First());
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Last()), Timeout = TimeSpan.FromSeconds(30) };
        Channel = GrpcChannel.ForAddress(Address, new GrpcChannelOptions { MaxReceiveMessageSize = null, MaxSendMessageSize = null });
        Client = new GRPCInferenceService.GRPCInferenceServiceClient(Channel);
        Host = app.Services.GetRequiredService<ModelHost>();
        Meters = app.Services.GetRequiredService<IMeterFactory>();
    }

    public Uri Address { get; }

    public GrpcChannel Channel { get; }

    public GRPCInferenceService.GRPCInferenceServiceClient Client { get; }

    public HttpClient Http { get; }

    public ModelHost Host { get; }

    /// <summary>What the server's own measurements come from.</summary>
    public IMeterFactory Meters { get; }

    public static async Task<InferenceServer> StartAsync(Action<IServiceCollection>? configure = null, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        // As the host of every service: health is there to be asked for.
        builder.Logging.ClearProviders().AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create($"Inference:{setting.Key}", setting.Value)));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddInferenceServing();
        configure?.Invoke(builder.Services);
        var app = builder.Build();
        app.MapInference();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new InferenceServer(app);
    }

    public Task<ModelStatus> ServeAsync(string name, ModelProto model, int version = 1) => ServeAsync(Host, name, model, version);

    public static Task<ModelStatus> ServeAsync(ModelHost host, string name, ModelProto model, int version = 1)
    {
        var bytes = model.ToByteArray();
        return LoadAsync(host, Version(name, bytes, version), _ => Task.FromResult(bytes));
    }

    /// <summary>Makes a version the champion, and the only one, of its name.</summary>
    public static async Task<ModelStatus> LoadAsync(ModelHost host, ServedVersion version, Func<CancellationToken, Task<byte[]>> source)
    {
        var outcome = (await host.ServeAsync(new ModelOrder { Champion = version }, (_, token) => source(token), TestContext.Current.CancellationToken)).ShouldHaveSingleItem();
        return outcome.Failure is null ? outcome.Status : throw outcome.Failure;
    }

    public static ServedVersion Version(string name, byte[] bytes, int version = 1) => new()
    {
        Model = name,
        Version = version,
        Bytes = bytes.Length,
        Digest = Convert.ToHexStringLower(SHA256.HashData(bytes)),
        ModelVersionId = new Guid(version, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
        PipelineRunId = version % 2 == 1 ? new Guid(version, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) : null,
    };

    /// <summary>As a process that is asked to leave: no more requests are taken, those under way are answered.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Channel.Dispose();
        Http.Dispose();
        await _app.DisposeAsync();
    }
}
