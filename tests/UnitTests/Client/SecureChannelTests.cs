using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Mlops.Client;
using Shouldly;
using Xunit;
using static Mlops.UnitTests.Client.Scripts;

namespace Mlops.UnitTests.Client;

public sealed class SecureChannelTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Call_OverTls_BringsItsTokenThroughTheTrustedConnection()
    {
        using var certificate = Certificate();
        await using var server = await ScriptedServer.StartAsync(certificate);
        server.Metadata = Model("1", Tensor("age", "FP32", [-1, 1]));
        string? token = null, tenant = null;
        server.Infer = (_, context) =>
        {
            (token, tenant) = (context.RequestHeaders.GetValue("authorization"), context.RequestHeaders.GetValue("x-tenant"));
            return Task.FromResult(Answer("1", 7));
        };
        using var client = new InferenceClient(new InferenceClientOptions
        {
            Addresses = { server.Address },
            CallCredentials = CallCredentials.FromInterceptor((_, headers) =>
            {
                headers.Add("authorization", "Bearer of-tests");
                return Task.CompletedTask;
            }),
            Handler = sockets =>
            {
                sockets.SslOptions.RemoteCertificateValidationCallback = (_, presented, _, _) => presented?.GetCertHashString() == certificate.GetCertHashString();
                return new Tenant(sockets);
            },
        });

        (await client.PredictAsync<Row, float>("m", new Row(1), cancellationToken: Cancel)).ShouldBe(7);
        (token, tenant).ShouldBe(("Bearer of-tests", "tests"));
    }

    [Fact]
    public async Task Call_ToAServerThatIsNotTrusted_IsNotMade()
    {
        using var certificate = Certificate();
        await using var server = await ScriptedServer.StartAsync(certificate);
        using var client = new InferenceClient(new InferenceClientOptions { Addresses = { server.Address }, MaxAttempts = 1 });

        await Should.ThrowAsync<InferenceException>(() => client.PredictAsync<Row, float>("m", new Row(1), cancellationToken: Cancel));
        server.MetadataRequests.ShouldBe(0);
    }

    private static X509Certificate2 Certificate()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        return request.CreateSelfSigned(now.AddMinutes(-5), now.AddHours(1));
    }

    private sealed class Tenant(HttpMessageHandler inner) : DelegatingHandler(inner)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            request.Headers.Add("x-tenant", "tests");
            return base.SendAsync(request, cancellationToken);
        }
    }

    private sealed record Row(float Age);
}
