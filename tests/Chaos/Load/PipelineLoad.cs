using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.EntityFrameworkCore;
using Mlops.Registry;

namespace Mlops.Chaos.Load;

/// <summary>A run that the API said it had begun.</summary>
internal sealed record AcceptedRun(Guid Id, PipelineKind Kind);

/// <summary>
/// Engineers who register pipelines one after another, as long as not too many are under way. A call that gets no answer,
/// or one that speaks of a failure, is made again at another replica until it is accepted: the failed call may or may
/// not have begun a run, an accepted one has.
/// </summary>
internal sealed class PipelineLoad(RegistryStore registry, IReadOnlyList<Uri> datasets, TimeProvider time) : IDisposable
{
    private const int MostOpen = 8, Callers = 3, NamesOfAKind = 2, FilesOfASample = 4;
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(15), Pause = TimeSpan.FromMilliseconds(250);
    private readonly ConcurrentBag<AcceptedRun> _accepted = [];
    private readonly ConcurrentBag<string> _refused = [];
    private readonly HttpClient _http = new() { Timeout = CallTimeout };
    private int _next = -1;
    private int _unanswered;
    private volatile int _open;

    public IReadOnlyCollection<AcceptedRun> Accepted => _accepted;

    /// <summary>Refusals (status 4xx) of what should be accepted.</summary>
    public IReadOnlyCollection<string> Refused => _refused;

    /// <summary>Calls without an answer, or with one that speaks of a failure (status 5xx).</summary>
    public int Unanswered => _unanswered;

    /// <summary>Begins pipelines until <paramref name="enough"/>; calls that are under way then are brought to their end.</summary>
    public async Task RunAsync(CancellationToken enough, CancellationToken cancellationToken) =>
        await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => CallAsync(enough, cancellationToken)).Append(CountAsync(enough)));

    public void Dispose() => _http.Dispose();

    private async Task CallAsync(CancellationToken enough, CancellationToken cancellationToken)
    {
        while (!enough.IsCancellationRequested)
        {
            if (_open < MostOpen)
            {
                Interlocked.Increment(ref _open);
                await RegisterAsync(Interlocked.Increment(ref _next), cancellationToken);
            }
            await Task.WhenAny(Task.Delay(Pause, time, enough));
        }
    }

    private async Task RegisterAsync(int index, CancellationToken cancellationToken)
    {
        var kind = PipelineKind.All[index % PipelineKind.All.Count];
        for (var call = index; ; call++)
        {
            var replica = datasets[call % datasets.Count];
            try
            {
                using var response = await SendAsync(replica, kind, index / PipelineKind.All.Count, cancellationToken);
                if (response.IsSuccessStatusCode)
                {
                    var began = await response.Content.ReadFromJsonAsync<Began>(cancellationToken);
                    _accepted.Add(new AcceptedRun(began!.PipelineRunId, kind));
                    return;
                }
                if ((int)response.StatusCode < 500)
                {
                    _refused.Add($"{kind.Name}: {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellationToken)}");
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is TaskCanceledException && !cancellationToken.IsCancellationRequested))
            {
                // No answer.
            }
            Interlocked.Increment(ref _unanswered);
            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    /// <summary>Every third of a kind is a run on a version that exists; the others come with a file, which may be a new one.</summary>
    private async Task<HttpResponseMessage> SendAsync(Uri replica, PipelineKind kind, int round, CancellationToken cancellationToken)
    {
        var name = $"{kind.Name}-{round % NamesOfAKind + 1}";
        if (round % 3 == 2)
        {
            using var spec = new StringContent(kind.Spec, MediaTypeHeaderValue.Parse("application/json"));
            return await _http.PostAsync(new Uri(replica, $"/datasets/{name}/versions/1/runs"), spec, cancellationToken);
        }
        using var form = new MultipartFormDataContent
        {
            { new StringContent(kind.Spec, MediaTypeHeaderValue.Parse("application/json")), "spec" },
            { new ByteArrayContent(FileOf(kind.Sample, round % FilesOfASample)), "file", $"{name}.csv" },
        };
        return await _http.PostAsync(new Uri(replica, $"/datasets/{name}/versions"), form, cancellationToken);
    }

    /// <summary>The sample without its last rows.</summary>
    private static byte[] FileOf(string sample, int without) =>
        Encoding.UTF8.GetBytes(string.Join('\n', File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Samples", $"{sample}.csv")).SkipLast(without)));

    private async Task CountAsync(CancellationToken enough)
    {
        while (!enough.IsCancellationRequested)
        {
            try
            {
                _open = await registry.ReadAsync((db, token) =>
                    db.PipelineRuns.CountAsync(run => !Outcomes.Of(db).Any(outcome => outcome.PipelineRunId == run.Id), token), enough);
            }
            catch (Exception) when (!enough.IsCancellationRequested)
            {
                // The database is under faults too; what was counted last holds.
            }
            catch (OperationCanceledException)
            {
                return;
            }
            await Task.WhenAny(Task.Delay(Pause, time, enough));
        }
    }

    private sealed record Began(Guid PipelineRunId);
}
