using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Inference;

namespace Mlops.Fuzz;

/// <summary>The two fronts as they ship, on free ports of loopback, and a client that sends any bytes.</summary>
internal sealed class FuzzServer : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;
    private readonly HttpMessageInvoker[] _grpc;
    private readonly HttpMessageInvoker _rest = new(new SocketsHttpHandler { AllowAutoRedirect = false, ActivityHeadersPropagator = null });
    private readonly Uri _grpcAddress;
    private readonly Uri _restAddress;

    private FuzzServer(WebApplication app)
    {
        _app = app;
        (_grpcAddress, _restAddress) = (new Uri(app.Urls.First()), new Uri(app.Urls.Last()));
        _grpc = [.. Enumerable.Range(0, 2).Select(_ => new HttpMessageInvoker(new SocketsHttpHandler { ActivityHeadersPropagator = null, EnableMultipleHttp2Connections = true }))];
    }

    public static async Task<FuzzServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddInferenceServing();
        var app = builder.Build();
        app.MapInference();
        await app.StartAsync();
        var host = app.Services.GetRequiredService<ModelHost>();
        foreach (var model in FuzzModel.All)
        {
            var bytes = model.ToOnnx();
            var version = new ServedVersion { Model = model.Name, Version = 1, Bytes = bytes.Length, Digest = $"{ContentDigest.Of(bytes)}", ModelVersionId = Guid.CreateVersion7() };
            if ((await host.ServeAsync(new ModelOrder { Champion = version }, (_, _) => Task.FromResult(bytes)))[0].Failure is { } failure)
                throw failure;
        }

        return new FuzzServer(app);
    }

    /// <summary>Sends a case.</summary>
    /// <returns>What came of it, and what is wrong with that; null where nothing is.</returns>
    public async Task<(string Outcome, string? Problem)> SendAsync(FuzzCase made)
    {
        using var request = Request(made);
        using var end = new CancellationTokenSource(made.IsAborted ? TimeSpan.FromMilliseconds(made.Number % 4) : Longest);
        try
        {
            using var response = await (made.IsGrpc ? _grpc[made.Number % _grpc.Length] : _rest).SendAsync(request, end.Token);
            var body = await response.Content.ReadAsByteArrayAsync(end.Token);
            return made.IsGrpc ? OfGrpc(made, response, body) : OfRest(made, response, body);
        }
        catch (OperationCanceledException)
        {
            return made.IsAborted ? ("aborted", null) : ("no answer", $"no answer within {Longest.TotalSeconds} s");
        }
        catch (HttpRequestException failure)
        {
            // A frame that is broken, or a body that is refused before it is sent, may end the stream.
            return made.IsBrokenFrame || !made.IsGrpc ? ("stream ended", null) : ("stream ended", $"the stream ended: {failure.InnerException?.Message ?? failure.Message}");
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _grpc)
            client.Dispose();
        _rest.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private HttpRequestMessage Request(FuzzCase made)
    {
        var request = new HttpRequestMessage(new HttpMethod(made.Method), new Uri(made.IsGrpc ? _grpcAddress : _restAddress, made.Path))
        {
            Version = made.IsGrpc ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(made.Body),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", made.ContentType);
        if (made.IsGrpc)
            request.Headers.TryAddWithoutValidation("TE", "trailers");
        foreach (var (name, value) in made.Headers)
            if (!request.Headers.TryAddWithoutValidation(name, value))
                request.Content.Headers.TryAddWithoutValidation(name, value);
        return request;
    }

    private static (string, string?) OfGrpc(FuzzCase made, HttpResponseMessage response, byte[] body)
    {
        var status = Header(response.TrailingHeaders, "grpc-status") ?? Header(response.Headers, "grpc-status");
        var outcome = status is null ? $"HTTP {(int)response.StatusCode}" : $"status {status}";
        if ((int)response.StatusCode >= 500)
            return (outcome, $"HTTP status {(int)response.StatusCode}");
        // UNKNOWN, INTERNAL, DATA_LOSS: nothing that a caller can do is one of them, but for what gRPC's own library says of broken frames.
        // What is no call of gRPC by its type (415) has a status that its library chooses.
        if (status is "2" or "13" or "15" && !made.IsBrokenFrame && response.StatusCode == HttpStatusCode.OK)
            return (outcome, $"grpc-status {status}: {Header(response.TrailingHeaders, "grpc-message") ?? Header(response.Headers, "grpc-message")}");
        return made.Expected is { } expected && (status != "0" || body.AsSpan().IndexOf(expected) < 0) ? (outcome, "a request that is in order was not answered with what the model gives") : (outcome, null);
    }

    private static (string, string?) OfRest(FuzzCase made, HttpResponseMessage response, byte[] body)
    {
        var outcome = $"HTTP {(int)response.StatusCode}";
        if ((int)response.StatusCode >= 500)
            return (outcome, $"{outcome}: {System.Text.Encoding.UTF8.GetString(body)}");
        return made.Expected is { } expected && (response.StatusCode != HttpStatusCode.OK || (expected.Length > 0 && body.AsSpan().IndexOf(expected) < 0))
            ? (outcome, "a request that is in order was not answered with what the model gives") : (outcome, null);
    }

    private static string? Header(System.Net.Http.Headers.HttpHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : null;
}
