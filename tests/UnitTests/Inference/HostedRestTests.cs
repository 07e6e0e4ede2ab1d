using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Hosting;
using Mlops.Inference;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Inference;

/// <summary>The REST front in the inference service as it is shipped, among what every service has.</summary>
public sealed class HostedRestTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-inference-");
    private WebApplication _app = null!;
    private HttpClient _http = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = MlopsHost.CreateBuilder(
            [
                "--Registry:Provider=Sqlite",
                $"--Registry:ConnectionString=Data Source={Path.Combine(_folder.FullName, "registry.db")};Pooling=False",
                $"--Artifacts:Root={Path.Combine(_folder.FullName, "artifacts")}",
                "--Bus:Transport=InMemory",
                "--Inference:MaxMessageBytes=100000",
            ],
            "inference", new ListenOptions { Http = 0, Grpc = 0 });
        builder.Logging.ClearProviders();
        builder.AddInference();
        _app = builder.BuildMlops();
        _app.MapInference();
        await _app.StartAsync(Cancel);
        _http = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
        await InferenceServer.ServeAsync(_app.Services.GetRequiredService<ModelHost>(), "m", Models.Add(1));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("/v2", HttpStatusCode.OK)]
    [InlineData("/v2/health/live", HttpStatusCode.OK)]
    [InlineData("/v2/models/m/ready", HttpStatusCode.OK)]
    [InlineData("/v2/models/nobody", HttpStatusCode.NotFound)]
    [InlineData("/v2/elsewhere", HttpStatusCode.NotFound)]
    public async Task Get_OnTheServicesHttpPort_AnswersInTheProtocolsForm(string path, HttpStatusCode status)
    {
        using var response = await _http.GetAsync(path, Cancel);
        response.StatusCode.ShouldBe(status);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        (await response.Content.ReadAsStringAsync(Cancel)).StartsWith("""{"error":""", StringComparison.Ordinal).ShouldBe(status != HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("cross-site", HttpStatusCode.Forbidden)]
    [InlineData("same-origin", HttpStatusCode.OK)]
    [InlineData(null, HttpStatusCode.OK)]
    public async Task Infer_FromAPageInABrowser_IsAnsweredForOurOwnPagesOnly(string? site, HttpStatusCode status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/m/infer")
        {
            Content = new StringContent("""{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[1,2]}]}""", Encoding.UTF8, "text/plain"),
        };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        using var response = await _http.SendAsync(request, Cancel);
        response.StatusCode.ShouldBe(status);
    }

    /// <summary>Far more than the sockets hold between them: the caller still gets to read why.</summary>
    [Fact]
    public async Task Infer_FarTooLarge_IsToldSo()
    {
        using var response = await _http.PostAsync("/v2/models/m/infer", new ByteArrayContent(new byte[50_000_000]), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldBe("""{"error":"body: more than 100000 bytes; at most 100000 are accepted"}""");
    }
}
