using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Protos;
using Xunit;

namespace Mlops.UnitTests.Client;

/// <summary>A server of the protocol on a socket of loopback, which answers as a test says and can die as a process does.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConnectionContext> _connections = new();
    private readonly WebApplication _app;

    private ScriptedServer(X509Certificate2? certificate)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => Configure(listen, certificate)));
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new Service(this));
        _app = builder.Build();
        _app.MapGrpcService<Service>();
    }

    /// <summary>What it tells about a model.</summary>
    public ModelMetadataResponse Metadata { get; set; } = new();

    /// <summary>What it answers.</summary>
    public Func<ModelInferRequest, ServerCallContext, Task<ModelInferResponse>> Infer { get; set; } = (_, _) => Task.FromResult(new ModelInferResponse());

    public ConcurrentQueue<ModelInferRequest> Requests { get; } = [];

    public int MetadataRequests;

    public string Address => _app.Urls.Single();

    public static async Task<ScriptedServer> StartAsync(X509Certificate2? certificate = null)
    {
        var server = new ScriptedServer(certificate);
        await server._app.StartAsync(TestContext.Current.CancellationToken);
        return server;
    }

    /// <summary>Takes no more connections and cuts those there are, without a word: as a killed process leaves them.</summary>
    public async Task DieAsync()
    {
        var stopped = _app.StopAsync(new CancellationToken(canceled: true));
        foreach (var connection in _connections.Values)
            connection.Abort();
        await stopped;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private void Configure(ListenOptions listen, X509Certificate2? certificate)
    {
        listen.Protocols = HttpProtocols.Http2;
        listen.Use(next => async connection =>
        {
            _connections[connection.ConnectionId] = connection;
            await next(connection);
            _connections.TryRemove(connection.ConnectionId, out _);
        });
        if (certificate is not null)
            listen.UseHttps(certificate);
    }

    private sealed class Service(ScriptedServer server) : ServiceBase
    {
        public override Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context)
        {
            Interlocked.Increment(ref server.MetadataRequests);
            return Task.FromResult(server.Metadata);
        }

        public override Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context)
        {
            server.Requests.Enqueue(request);
            return server.Infer(request, context);
        }
    }
}

/// <summary>What the compiler of protos makes for a server; the client's assembly has the messages alone.</summary>
[BindServiceMethod(typeof(ServiceBase), nameof(Bind))]
internal abstract class ServiceBase
{
    public abstract Task<ModelMetadataResponse> ModelMetadata(ModelMetadataRequest request, ServerCallContext context);

    public abstract Task<ModelInferResponse> ModelInfer(ModelInferRequest request, ServerCallContext context);

    public static void Bind(ServiceBinderBase binder, ServiceBase service)
    {
        binder.AddMethod(Unary(nameof(ModelMetadata), ModelMetadataRequest.Parser, ModelMetadataResponse.Parser), (UnaryServerMethod<ModelMetadataRequest, ModelMetadataResponse>?)null);
        binder.AddMethod(Unary(nameof(ModelInfer), ModelInferRequest.Parser, ModelInferResponse.Parser), (UnaryServerMethod<ModelInferRequest, ModelInferResponse>?)null);
    }

    private static Method<TRequest, TResponse> Unary<TRequest, TResponse>(string name, MessageParser<TRequest> request, MessageParser<TResponse> response)
        where TRequest : class, IMessage<TRequest>
        where TResponse : class, IMessage<TResponse> =>
        new(MethodType.Unary, "inference.GRPCInferenceService", name, Marshal(request), Marshal(response));

    private static Marshaller<T> Marshal<T>(MessageParser<T> parser)
        where T : class, IMessage<T> => new(message => message.ToByteArray(), parser.ParseFrom);
}
