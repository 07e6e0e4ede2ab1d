using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Mlops.Artifacts;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Registry;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Governance;

/// <summary>The governance service on a free port, over an SQLite file in a temporary folder that is filled with <see cref="SampleFacts"/>.</summary>
public sealed class GovernanceHost : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-governance-").FullName;
    private WebApplication? _app;
    private HttpClient? _client;

    public HttpClient Client => _client!;

    public RegistryStore Registry => _app!.Services.GetRequiredService<RegistryStore>();

    public async ValueTask InitializeAsync()
    {
        var builder = MlopsHost.CreateBuilder(
            [$"--Registry:ConnectionString=Data Source={_folder}/registry.db", $"--Artifacts:Root={_folder}/artifacts", "--Logging:LogLevel:Default=Warning"],
            "governance", new ListenOptions());
        builder.AddGovernance();
        _app = builder.BuildMlops();
        _app.MapGovernance();
        await _app.StartAsync(TestContext.Current.CancellationToken);
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = new Uri(_app.Urls.Single()) };
        await SampleFacts.WriteAsync(Registry, _app.Services.GetRequiredService<IArtifactStore>(), TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _client?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync(CancellationToken.None);
            await _app.DisposeAsync();
        }
        Directory.Delete(_folder, recursive: true);
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path, TestContext.Current.CancellationToken);

    /// <summary>Asserts the status, and gives the problem's detail.</summary>
    public async Task<string> GetProblemAsync(string path, HttpStatusCode status) =>
        await ProblemOf(await Client.GetAsync(path, TestContext.Current.CancellationToken), status);

    public async Task<(HttpStatusCode Status, string Html)> GetPageAsync(string path)
    {
        using var response = await Client.GetAsync(path, TestContext.Current.CancellationToken);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("text/html");
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static async Task<string> ProblemOf(HttpResponseMessage response, HttpStatusCode status)
    {
        using (response)
        {
            var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(status, text);
            response.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
            return JsonElement.Parse(text).GetProperty("detail").GetString()!;
        }
    }
}

/// <summary>Tests that only read share one host; whoever writes has one of their own.</summary>
[CollectionDefinition(Name)]
public sealed class SharedGovernance : ICollectionFixture<GovernanceHost>
{
    public const string Name = "governance that is only read";
}
