using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Datasets;
using Mlops.Hosting;
using Mlops.Registry;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Datasets;

/// <summary>The dataset service on a real socket (a free port of loopback), with a registry and a store of its own.</summary>
public sealed class DatasetsServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly DirectoryInfo _folder;
    private readonly ErrorLog _log;

    private DatasetsServer(WebApplication app, DirectoryInfo folder, ErrorLog log)
    {
        (_app, _folder, _log) = (app, folder, log);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
    }

    public HttpClient Http { get; }

    public IReadOnlyCollection<string> LoggedErrors => _log.Errors;

    public RegistryStore Registry => _app.Services.GetRequiredService<RegistryStore>();

    public IArtifactStore Artifacts => _app.Services.GetRequiredService<IArtifactStore>();

    public string ArtifactFolder => Path.Combine(_folder.FullName, "artifacts");

    public static async Task<DatasetsServer> StartAsync(long? maxFileBytes = null, IStartupFilter? filter = null)
    {
        var folder = Directory.CreateTempSubdirectory("mlops-datasets-");
        List<string> settings =
        [
            "--Registry:Provider=Sqlite",
            $"--Registry:ConnectionString=Data Source={Path.Combine(folder.FullName, "registry.db")};Pooling=False",
            $"--Artifacts:Root={Path.Combine(folder.FullName, "artifacts")}",
            "--Bus:Transport=InMemory",
        ];
        if (maxFileBytes is not null)
            settings.Add($"--Datasets:MaxFileBytes={maxFileBytes}");
        var builder = MlopsHost.CreateBuilder([.. settings], "datasets", new ListenOptions { Http = 0 });
        var log = new ErrorLog();
        builder.Logging.ClearProviders().AddProvider(log);
        if (filter is not null)
            builder.Services.AddSingleton(filter);
        builder.AddDatasets();
        var app = builder.BuildMlops();
        app.MapDatasets();
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new DatasetsServer(app, folder, log);
    }

    public Task<Answer> PostAsync(string path, HttpContent content) => SendAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = content });

    public Task<Answer> GetAsync(string path) => SendAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
            return await Answer.OfAsync(response);
        }
    }

    public Task<Answer> RegisterAsync(string name, string csv, string? spec = null) =>
        PostAsync($"/datasets/{name}/versions", spec is null ? Csv(csv) : Form(("spec", spec), ("file", csv)));

    public static StringContent Csv(string csv) => new(csv, Encoding.UTF8, "text/csv");

    public static MultipartFormDataContent Form(params (string Name, string Text)[] parts)
    {
        var form = new MultipartFormDataContent();
        foreach (var (name, text) in parts)
            form.Add(new StringContent(text) { Headers = { ContentType = new MediaTypeHeaderValue("text/plain") } }, name, name);
        return form;
    }

    public Task<List<T>> RowsAsync<T>()
        where T : class =>
        Registry.ReadAsync((db, token) => db.Set<T>().ToListAsync(token), TestContext.Current.CancellationToken);

    public string[] StoredFiles() => !Directory.Exists(ArtifactFolder) ? [] : Directory.GetFiles(ArtifactFolder, "*", SearchOption.AllDirectories);

    /// <summary>Nothing was registered and nothing was left behind.</summary>
    public async Task ShouldBeUntouchedAsync()
    {
        StoredFiles().ShouldBeEmpty();
        var rows = await Registry.ReadAsync(async (db, token) => new[]
        {
            await db.DatasetVersions.CountAsync(token),
            await db.PipelineRuns.CountAsync(token),
            await db.OutboxMessages.CountAsync(token),
            await db.AuditEntries.CountAsync(token),
            await db.LineageEdges.CountAsync(token),
        }, TestContext.Current.CancellationToken);
        rows.ShouldBe([0, 0, 0, 0, 0]);
    }

    /// <summary>Returns when every request is over.</summary>
    public Task StopAsync() => _app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        // Disposing alone does not wait for the loops, which may still write into the folder.
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
