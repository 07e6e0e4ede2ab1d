using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Client;
using Mlops.Compressor;
using Mlops.Datasets;
using Mlops.Evaluator;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Testing;
using Xunit;

namespace Mlops.UnitTests.ExternalModels;

/// <summary>All services but the trainer in one process, over SQLite and events in memory, with the iris data registered.</summary>
internal sealed class ModelPlatform : IAsyncDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private readonly WebApplication _app;

    private ModelPlatform(string folder)
    {
        var builder = MlopsHost.CreateBuilder(
            [$"--Registry:ConnectionString=Data Source={Path.Combine(folder, "registry.db")};Pooling=False", $"--Artifacts:Root={Path.Combine(folder, "artifacts")}"],
            "models", new ListenOptions { Http = 0, Grpc = 0 });
        builder.Logging.ClearProviders();
        builder.AddDatasets().AddGovernance().AddEvaluator().AddCompressor().AddInference();
        _app = builder.BuildMlops();
        _app.MapDatasets();
        _app.MapGovernance();
        _app.MapInference();
    }

    public RegistryStore Registry => _app.Services.GetRequiredService<RegistryStore>();

    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<ModelPlatform> StartAsync(string folder)
    {
        var platform = new ModelPlatform(folder);
        await platform._app.StartAsync(Token);
        platform.Client = new HttpClient { BaseAddress = new Uri(platform._app.Urls.First()) };
        using var csv = new StringContent(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "services/Standalone/Samples/iris.csv"), Token), Encoding.UTF8, "text/csv");
        (await platform.Client.PostAsync("/datasets/iris/versions", csv, Token)).EnsureSuccessStatusCode();
        return platform;
    }

    /// <summary>Registers a classifier of the iris data from elsewhere, and begins a run with it.</summary>
    public async Task<Guid> BeginAsync(string name, byte[] file, string spec = """{"task":"classification","target":"class","evaluation":{"gates":[{"metric":"accuracy","min":0.9}]}}""")
    {
        using var client = new PlatformClient(Client.BaseAddress!);
        var registered = await client.RegisterModelAsync(name, new MemoryStream(file), Flora(IrisModels.Columns), Token);
        return await client.StartRunWithModelAsync("iris", 1, spec, name, registered.Version, Token);
    }

    /// <summary>Registers it alone.</summary>
    /// <returns>The number of its version.</returns>
    public async Task<int> RegisterAsync(string name, byte[] file, IReadOnlyList<string> columns)
    {
        using var client = new PlatformClient(Client.BaseAddress!);
        return (await client.RegisterModelAsync(name, new MemoryStream(file), Flora(columns), Token)).Version;
    }

    private static ModelRegistration Flora(IReadOnlyList<string> columns) => new()
    {
        Actor = "Ada",
        Source = "scikit-learn 1.5, team flora",
        License = "Apache-2.0",
        Task = "classification",
        Columns = new Dictionary<string, IReadOnlyList<string>> { ["X"] = columns },
        Classes = IrisModels.Classes,
    };

    public async Task<(HttpStatusCode Status, JsonElement Answer)> PostAsync(string path, object body)
    {
        using var response = await Client.PostAsJsonAsync(path, body, Token);
        return (response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(Token));
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path, Token);

    public Task<PipelineOutcome> OutcomeAsync(Guid run) => Pipelines.OutcomeAsync(Registry, run, Longest, Token);

    /// <summary>The label of one flower, as the model says once it is served.</summary>
    public async Task<string> AskAsync(string model, params float[] row)
    {
        JsonElement answer = default;
        await Servers.UntilAsync(async () =>
        {
            using var response = await Client.PostAsJsonAsync($"/v2/models/{model}/infer", new { inputs = new[] { new { name = "X", shape = new[] { 1, row.Length }, datatype = "FP32", data = row } } }, Token);
            answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            return response.IsSuccessStatusCode;
        }, Longest, "an answer");
        return answer.GetProperty("outputs").EnumerateArray().Single(output => output.GetProperty("name").GetString() == "label").GetProperty("data")[0].ToString();
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
    }
}
