using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Datasets;
using Mlops.Evaluator;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Registry;
using Mlops.Testing;
using Mlops.Trainer;
using Xunit;

namespace Mlops.UnitTests.CrossValidation;

/// <summary>Data sets, training, evaluation and governance in one process, over SQLite and events in memory.</summary>
public sealed class TrainingPlatform : IAsyncLifetime
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("mlops-folds-").FullName;
    private WebApplication? _app;

    /// <summary>Settings besides, as on a command line.</summary>
    internal IReadOnlyList<string> Settings { get; init; } = [];

    public RegistryStore Registry => _app!.Services.GetRequiredService<RegistryStore>();

    public IArtifactStore Artifacts => _app!.Services.GetRequiredService<IArtifactStore>();

    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        var builder = MlopsHost.CreateBuilder(
            [$"--Registry:ConnectionString=Data Source={Path.Combine(_folder, "registry.db")};Pooling=False", $"--Artifacts:Root={Path.Combine(_folder, "artifacts")}", .. Settings],
            "folds", new ListenOptions());
        builder.Logging.ClearProviders();
        builder.AddDatasets().AddTrainer().AddEvaluator().AddGovernance();
        _app = builder.BuildMlops();
        _app.MapDatasets();
        _app.MapGovernance();
        await _app.StartAsync(Token);
        Client = new HttpClient { BaseAddress = new Uri(_app.Urls.First()) };
    }

    public Task<Guid> RegisterAsync(string name, string csv, string spec) => Pipelines.RegisterAsync(Client.BaseAddress!, name, Encoding.UTF8.GetBytes(csv), spec, Token);

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path, Token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app!.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
