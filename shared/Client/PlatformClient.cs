using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace Mlops.Client;

/// <summary>
/// Calls the platform's HTTP APIs for engineers: registers data sets and models, lists and follows runs, and carries a person's
/// decisions. Every failure is a <see cref="PlatformException"/>, except the caller's own cancellation.
/// </summary>
public sealed class PlatformClient : IDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan ReconnectAfter = TimeSpan.FromSeconds(1);

    private readonly HttpClient _governance, _uploads, _datasets;

    /// <summary>A client of the two services that engineers call, which may be one process.</summary>
    /// <param name="governance">Such as <c>http://127.0.0.1:5106</c>.</param>
    /// <param name="datasets">Such as <c>http://127.0.0.1:5101</c>; null for the same process.</param>
    public PlatformClient(Uri governance, Uri? datasets = null)
    {
        _governance = new HttpClient { BaseAddress = governance };
        // A large file takes as long as it takes.
        _uploads = new HttpClient { BaseAddress = governance, Timeout = Timeout.InfiniteTimeSpan };
        _datasets = new HttpClient { BaseAddress = datasets ?? governance, Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>Registers a file as a version of a data set; the same bytes again are the same version.</summary>
    /// <param name="name">The data set's name.</param>
    /// <param name="file">CSV; read to its end.</param>
    /// <param name="spec">The pipeline spec as JSON, with which a run begins; null to register only.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="PlatformException">The name, the file or the spec is not accepted, or the service does not answer.</exception>
    public async Task<RegisteredDataset> RegisterDatasetAsync(string name, Stream file, string? spec = null, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/datasets/{Uri.EscapeDataString(name)}/versions") { Content = ContentOf(file, spec) };
        return await SendAsync<RegisteredDataset>(_datasets, request, cancellationToken);
    }

    /// <summary>Registers an ONNX file that was made elsewhere as a version of a model; the same bytes again are the same version.</summary>
    /// <param name="name">The model's name.</param>
    /// <param name="file">ONNX; read to its end.</param>
    /// <param name="said">What is said of it.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="PlatformException">The file, or what is said of it, is not accepted, or the service does not answer.</exception>
    public async Task<RegisteredModel> RegisterModelAsync(string name, Stream file, ModelRegistration said, CancellationToken cancellationToken = default)
    {
        using var content = new StreamContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        using var upload = new HttpRequestMessage(HttpMethod.Post, "/model-files") { Content = content };
        var digest = (await SendAsync<StoredFile>(_uploads, upload, cancellationToken)).Digest;
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/models/{Uri.EscapeDataString(name)}/versions")
        {
            Content = JsonContent.Create(new { digest, said.Task, said.Columns, said.Classes, said.Source, said.License, said.TrainingDataDigest, said.Actor }),
        };
        return await SendAsync<RegisteredModel>(_governance, request, cancellationToken);
    }

    /// <summary>Begins a run that evaluates, compresses and promotes a model version from elsewhere on a registered data set.</summary>
    /// <param name="dataset">Name of the data set.</param>
    /// <param name="datasetVersion">Its version.</param>
    /// <param name="spec">The pipeline spec as JSON; what it says of a training is not heeded.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="modelVersion">Its version.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The run.</returns>
    /// <exception cref="PlatformException">They do not fit, a run has begun with that version before, or the service does not answer.</exception>
    public async Task<Guid> StartRunWithModelAsync(string dataset, int datasetVersion, string spec, string model, int modelVersion, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, $"/datasets/{Uri.EscapeDataString(dataset)}/versions/{datasetVersion}/runs?model={Uri.EscapeDataString(model)}&modelVersion={modelVersion}")
        {
            Content = new StringContent(spec, Encoding.UTF8, "application/json"),
        };
        return (await SendAsync<RunStarted>(_datasets, request, cancellationToken)).PipelineRunId;
    }

    /// <summary>The newest runs.</summary>
    /// <param name="state">Only runs in this state: running, served, failed or cancelled; null for all.</param>
    /// <param name="name">Only runs of the pipeline of this name; null for all.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="PlatformException">A value is not accepted, or the service does not answer.</exception>
    public async Task<IReadOnlyList<RunSummary>> ListRunsAsync(string? state = null, string? name = null, int limit = 50, CancellationToken cancellationToken = default)
    {
        var query = new StringBuilder($"/runs?limit={limit}");
        foreach (var (field, value) in new[] { (nameof(state), state), (nameof(name), name) })
            if (value is not null)
                query.Append($"&{field}={Uri.EscapeDataString(value)}");
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{query}");
        return (await SendAsync<RunPage>(_governance, request, cancellationToken)).Runs;
    }

    /// <summary>Tells a run's state now and whenever it changes, until it has ended; a connection that is cut is made again.</summary>
    /// <exception cref="PlatformException">There is no such run, or the service does not answer when it is asked first.</exception>
    public async IAsyncEnumerable<RunProgress> FollowRunAsync(Guid run, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (told, connected) = ("", false);
        while (true)
        {
            await using var states = StatesAsync(run, cancellationToken).GetAsyncEnumerator(cancellationToken);
            while (await TryMoveAsync(states, connected))
            {
                connected = true;
                if (states.Current == told)
                    continue;
                told = states.Current;
                var progress = JsonSerializer.Deserialize<RunProgress>(told, Json)!;
                yield return progress;
                if (progress.Outcome is not null)
                    yield break;
            }
            await Task.Delay(ReconnectAfter, cancellationToken);
        }
    }

    /// <summary>Ends a run that goes on.</summary>
    /// <param name="run">The run.</param>
    /// <param name="actor">Who decides this; stands in the audit log.</param>
    /// <param name="reason">Why; stands in the audit log.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <exception cref="PlatformException">There is no such run, it has ended, or the service does not answer.</exception>
    public Task<RunOutcome> CancelRunAsync(Guid run, string actor, string reason, CancellationToken cancellationToken = default) =>
        DecideAsync<RunOutcome>(run, "cancel", actor, reason, cancellationToken);

    /// <summary>Has a run that failed or was cancelled go on from where it was.</summary>
    /// <inheritdoc cref="CancelRunAsync"/>
    public Task<RunRetry> RetryRunAsync(Guid run, string actor, string reason, CancellationToken cancellationToken = default) =>
        DecideAsync<RunRetry>(run, "retry", actor, reason, cancellationToken);

    /// <summary>Has the training of a model version done again and compared with it; of a compressed variant, that of its original and then its compression.</summary>
    /// <param name="model">Name of the model.</param>
    /// <param name="version">Its version.</param>
    /// <param name="actor">Who wants this; stands in the audit log.</param>
    /// <param name="reason">Why; stands in the audit log.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>As it is now: <see cref="GetReproductionAsync"/> tells what comes of it.</returns>
    /// <exception cref="PlatformException">There is no such version, neither it nor its original was trained here, or the service does not answer.</exception>
    public async Task<Reproduction> ReproduceAsync(string model, int version, string actor, string reason, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/models/{Uri.EscapeDataString(model)}/versions/{version}/reproductions") { Content = JsonContent.Create(new { actor, reason }) };
        return await SendAsync<Reproduction>(_governance, request, cancellationToken);
    }

    /// <summary>How a training that is done again gets on, and what came of it.</summary>
    /// <exception cref="PlatformException">There is no such, or the service does not answer.</exception>
    public async Task<Reproduction> GetReproductionAsync(Guid reproduction, CancellationToken cancellationToken = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/reproductions/{reproduction}");
        return await SendAsync<Reproduction>(_governance, request, cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _governance.Dispose();
        _uploads.Dispose();
        _datasets.Dispose();
    }

    private static HttpContent ContentOf(Stream file, string? spec)
    {
        var csv = new StreamContent(file) { Headers = { ContentType = new MediaTypeHeaderValue("text/csv") } };
        return spec is null ? csv : new MultipartFormDataContent { { new StringContent(spec), "spec" }, { csv, "file", "file.csv" } };
    }

    private async Task<T> DecideAsync<T>(Guid run, string decision, string actor, string reason, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/runs/{run}/{decision}") { Content = JsonContent.Create(new { actor, reason }) };
        return await SendAsync<T>(_governance, request, cancellationToken);
    }

    private static Task<T> SendAsync<T>(HttpClient service, HttpRequestMessage request, CancellationToken cancellationToken) => AskAsync(service, async () =>
    {
        using var response = await service.SendAsync(request, cancellationToken);
        await PlatformException.ThrowIfRefusedAsync(response, cancellationToken);
        return (await response.Content.ReadFromJsonAsync<T>(Json, cancellationToken))!;
    }, cancellationToken);

    /// <summary>Whether there is another state; none when a connection was cut that had been made.</summary>
    private static async Task<bool> TryMoveAsync(IAsyncEnumerator<string> states, bool connected)
    {
        try
        {
            return await states.MoveNextAsync();
        }
        catch (PlatformException exception) when (connected && exception.Status is null or >= System.Net.HttpStatusCode.InternalServerError)
        {
            return false;
        }
    }

    private async IAsyncEnumerable<string> StatesAsync(Guid run, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/runs/{run}/events");
        using var response = await AskAsync(_governance, () => _governance.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken), cancellationToken);
        await PlatformException.ThrowIfRefusedAsync(response, cancellationToken);
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        await using var events = SseParser.Create(stream).EnumerateAsync(cancellationToken).GetAsyncEnumerator(cancellationToken);
        while (await AskAsync(_governance, async () => await events.MoveNextAsync(), cancellationToken))
            if (events.Current.EventType == "state")
                yield return events.Current.Data;
    }

    private static async Task<T> AskAsync<T>(HttpClient service, Func<Task<T>> ask, CancellationToken cancellationToken)
    {
        try
        {
            return await ask();
        }
        catch (Exception exception) when (
            exception is HttpRequestException or IOException or JsonException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw PlatformException.Unanswered(service.BaseAddress!, exception);
        }
    }

    private sealed record StoredFile(string Digest);

    private sealed record RunStarted(Guid PipelineRunId);

    private sealed record RunPage(IReadOnlyList<RunSummary> Runs);
}
