using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;

namespace Mlops.Governance;

/// <summary>Where a run stands, as it is told while it goes on.</summary>
/// <param name="Id">The run.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Attempt">1, and one more for each time that a person had it go on.</param>
/// <param name="Outcome">How it ended; absent while it goes on.</param>
/// <param name="Folds">How many folds of its cross-validation are done; absent where it has none.</param>
/// <param name="Trials">How many trials of its search have ended; absent where it has none.</param>
/// <param name="Stages">Its work so far, in order.</param>
public sealed record RunProgress(Guid Id, RunState State, int Attempt, OutcomeSummary? Outcome, FoldProgress? Folds, TrialProgress? Trials, IReadOnlyList<StageSummary> Stages);

/// <summary>
/// Tells a run's state now and whenever it changes (server-sent events, each with the whole state), until it has ended.
/// Whoever was cut off connects again and has missed nothing that counts.
/// </summary>
internal static class FollowRun
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(50);

    /// <summary>Connections that say nothing for long are cut by what lies in between.</summary>
    private static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(15);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/runs/{id}/events", async (
                RegistryStore registry, RunSignal signal, TimeProvider time, IHostApplicationLifetime host, string id, CancellationToken cancellationToken) =>
            {
                var runId = RequestValues.Id("id", id);
                var first = await ReadAsync(registry, runId, cancellationToken);
                return TypedResults.ServerSentEvents(FollowAsync(registry, signal, time, first, host.ApplicationStopping, cancellationToken));
            })
            .WithName(nameof(FollowRun)).WithTags("Runs")
            .WithSummary("Tells a run's state now and whenever it changes, until it has ended; server-sent events named state, and alive in between")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status404NotFound);

    private static async IAsyncEnumerable<SseItem<RunProgress?>> FollowAsync(
        RegistryStore registry, RunSignal signal, TimeProvider time, RunProgress progress, CancellationToken stopping, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping, cancellationToken);
        var (told, toldAt) = ("", time.GetTimestamp());
        while (!ended.IsCancellationRequested)
        {
            var next = signal.Next;
            var state = JsonSerializer.Serialize(progress, SpecJson.Canonical);
            if (state != told)
            {
                (told, toldAt) = (state, time.GetTimestamp());
                yield return new SseItem<RunProgress?>(progress, "state");
            }
            else if (time.GetElapsedTime(toldAt) > LongestSilence)
            {
                toldAt = time.GetTimestamp();
                yield return new SseItem<RunProgress?>(null, "alive");
            }
            if (progress.Outcome is not null)
                yield break;
            await Task.Delay(ShortestPause, time, ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await Task.WhenAny(next, Task.Delay(PollInterval, time, ended.Token));
            if (!ended.IsCancellationRequested)
                progress = await ReadAsync(registry, progress.Id, ended.Token);
        }
    }

    private static async Task<RunProgress> ReadAsync(RegistryStore registry, Guid runId, CancellationToken cancellationToken)
    {
        var (status, trials) = await registry.ReadAsync(async (db, token) =>
        {
            var status = (await PipelineStatus.ReadAsync(db, db.PipelineRuns.Where(run => run.Id == runId), token)).SingleOrDefault() ?? throw ShowRun.NotFound(runId);
            return (status, await TrialProgress.ReadAsync(db, status.Run, token));
        }, cancellationToken);
        return new RunProgress(
            runId, ShowRun.StateOf(status.Outcome), status.Attempt, ShowRun.OutcomeOf(status.Outcome), FoldProgress.Of(status), trials, [.. status.Stages.Select(ShowRun.StageOf)]);
    }
}
