using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Mlops.Artifacts;
using Mlops.Governance;
using Mlops.Hosting;
using Mlops.Inference;
using Mlops.Onnx.Format;
using Mlops.Registry;
using Mlops.Registry.Facts;
using Mlops.Testing;
using Shouldly;
using Xunit;

namespace Mlops.UnitTests.Rollouts;

/// <summary>
/// Governance and inference in one process, over SQLite and events in memory, with versions of the model <c>iris</c> that were not
/// trained but written: each has passed its evaluation.
/// </summary>
internal sealed class RolloutPlatform : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("mlops-rollout-");
    private readonly WebApplication _app;
    private DatasetVersion? _dataset;

    private RolloutPlatform(params string[] settings)
    {
        var builder = MlopsHost.CreateBuilder(
            [
                $"--Registry:ConnectionString=Data Source={Path.Combine(_folder.FullName, "registry.db")};Pooling=False",
                $"--Artifacts:Root={Path.Combine(_folder.FullName, "artifacts")}",
                "--Inference:RolloutReportSeconds=1",
                .. settings,
            ],
            "rollouts", new ListenOptions { Http = 0, Grpc = 0 });
        builder.Logging.ClearProviders();
        builder.AddGovernance().AddInference();
        _app = builder.BuildMlops();
        _app.MapGovernance();
        _app.MapInference();
    }

    public RegistryStore Registry => _app.Services.GetRequiredService<RegistryStore>();

    public HttpClient Client { get; private set; } = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public static async Task<RolloutPlatform> StartAsync(params string[] settings)
    {
        var platform = new RolloutPlatform(settings);
        await platform._app.StartAsync(Token);
        platform.Client = new HttpClient { BaseAddress = new Uri(platform._app.Urls.First()) };
        return platform;
    }

    /// <summary>Adds a version that passed.</summary>
    public async Task AddAsync(int number, ModelProto model, bool isStored = true)
    {
        var bytes = model.ToByteArray();
        var digest = ContentDigest.Of(bytes).ToString();
        if (isStored)
            await _app.Services.GetRequiredService<IArtifactStore>().PutAsync(bytes, Token);
        await Registry.WriteAsync((db, _) =>
        {
            if (_dataset is null)
                db.Insert(_dataset = SampleFacts.Dataset(Registry));
            var run = SampleFacts.Run(Registry, _dataset);
            var version = SampleFacts.Model(Registry, run, number, digest: digest);
            db.Insert(run, version, new EvaluationReport
            {
                Id = Registry.NewId(),
                ModelVersionId = version.Id,
                PipelineRunId = run.Id,
                ReportDigest = new string('e', 64),
                Rows = 10,
                Metrics = new Dictionary<string, double> { ["accuracy"] = 1 },
                Passed = true,
                Gates = [],
                CreatedAt = SampleFacts.At,
            });
            return Task.CompletedTask;
        }, Token);
    }

    /// <summary>Promotes a version, and waits until it answers.</summary>
    public async Task PromoteAsync(int number)
    {
        await PostAsync($"/models/iris/versions/{number}/promote", """{"actor":"Ada","reason":"a test"}""");
        await Servers.UntilAsync(async () => await AskAsync() == number, TimeSpan.FromSeconds(20), $"version {number}");
    }

    public async Task<JsonElement> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync(path, content, Token);
        var answer = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
        response.IsSuccessStatusCode.ShouldBeTrue(answer.ToString());
        return answer;
    }

    public Task<JsonElement> GetAsync(string path) => Client.GetFromJsonAsync<JsonElement>(path, Token);

    /// <summary>One row of two numbers.</summary>
    /// <returns>The number of the version that answered; 0 for no answer.</returns>
    public async Task<int> AskAsync(double first = 1, string version = "", string parameters = "{}")
    {
        using var content = new StringContent(
            FormattableString.Invariant($$"""{"parameters":{{parameters}},"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[{{first}},2]}]}"""), Encoding.UTF8, "application/json");
        using var response = await Client.PostAsync($"/v2/models/iris{(version.Length > 0 ? $"/versions/{version}" : "")}/infer", content, Token);
        return response.IsSuccessStatusCode ? int.Parse((await response.Content.ReadFromJsonAsync<JsonElement>(Token)).GetProperty("model_version").GetString()!, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    /// <summary>Asks until the rollout has ended.</summary>
    /// <returns>How it stands then, and how many requests had no answer.</returns>
    public async Task<(JsonElement Rollout, int Failed)> AskUntilItEndsAsync(Guid id)
    {
        var (random, failed) = (new Random(3), 0);
        for (var begun = TimeProvider.System.GetTimestamp(); TimeProvider.System.GetElapsedTime(begun) < TimeSpan.FromSeconds(60);)
        {
            for (var asked = 0; asked < 50; asked++)
                failed += await AskAsync(random.NextDouble()) == 0 ? 1 : 0;
            var rollout = await GetAsync($"/rollouts/{id}");
            if (rollout.GetProperty("rollout").GetProperty("state").GetString() is not ("started" or "reweighted"))
                return (rollout, failed);
        }

        throw new TimeoutException("the rollout goes on");
    }

    public async Task<Guid> StartRolloutAsync(int version, string mode, double weight, string objectives = "{}") => (await PostAsync(
        "/models/iris/rollouts",
        FormattableString.Invariant($$"""{"version":{{version}},"mode":"{{mode}}","weight":{{weight}},"objectives":{{objectives}},"actor":"Ada","reason":"a test"}"""))).GetProperty("id").GetGuid();

    /// <summary>The events of a type that were ever published, whether they wait or not.</summary>
    public Task<List<string>> AuditedAsync(Guid subject) => Registry.ReadAsync(
        (db, token) => db.AuditEntries.Where(entry => entry.SubjectId == subject).OrderBy(entry => entry.Sequence).Select(entry => entry.Action).ToListAsync(token), Token);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
