using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Mlops.Contracts;
using Mlops.Contracts.Spec;
using Mlops.Registry;
using Mlops.Registry.Durability;
using Mlops.Registry.Facts;
using Mlops.Search;

namespace Mlops.Trainer;

/// <summary>What a trial is to try: the same however often, and by whomever, it is asked for.</summary>
/// <param name="Run">The run.</param>
/// <param name="Search">Its search.</param>
/// <param name="Number">Which trial, from 1.</param>
/// <param name="Settings">By place in the spec.</param>
internal sealed record TrialPlan(PipelineRun Run, SearchSpec Search, int Number, IReadOnlyDictionary<string, JsonElement> Settings)
{
    public static Task<TrialPlan> LoadAsync(RegistryStore registry, WorkItem item, CancellationToken cancellationToken) => registry.ReadAsync(async (db, token) =>
    {
        var run = await db.PipelineRuns.SingleAsync(run => run.Id == item.PipelineRunId, token);
        var search = PipelineSpec.Parse(run.Spec, run.Name).Search!;
        var number = TrialWork.NumberOf(search, run.Id, item.SubjectId);
        var round = (number - 1) / search.RoundSize;
        var before = await TrialWork.DoneOf(db, run.Id).Where(trial => trial.Number <= round * search.RoundSize).ToListAsync(token);
        var known = TrialWork.Ranked(search, before).Select(trial => new PastTrial(trial.Settings, trial.State == TrialState.Failed));
        return new TrialPlan(run, search, number, Proposals.OfRound(search, round, [.. known])[(number - 1) % search.RoundSize]);
    }, cancellationToken);
}
